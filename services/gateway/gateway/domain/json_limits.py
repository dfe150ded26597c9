"""What a request's JSON may look like, before anything looks at what it says."""

MAX_DEPTH = 32
MAX_KEYS = 200
MAX_ITEMS = 200_000


def limit_violation(value: object) -> str | None:
    """Why a JSON value is refused whatever it means, in words; None if nothing speaks against it."""
    level = [value]
    for _ in range(MAX_DEPTH):
        inner: list[object] = []
        for one in level:
            if isinstance(one, dict):
                if len(one) > MAX_KEYS:
                    return f"There are {len(one)} names in one object; at most {MAX_KEYS} are taken."
                inner += one.values()
            elif isinstance(one, list):
                if len(one) > MAX_ITEMS:
                    return f"There are {len(one)} items in one list; at most {MAX_ITEMS} are taken."
                inner += one
        level = [one for one in inner if isinstance(one, dict | list)]
        if not level:
            return None
    return f"It is nested more than {MAX_DEPTH} levels deep."
