"""What a request's JSON may look like, before anything looks at what it says."""

DEEPEST = 32
MOST_NAMES = 200
MOST_ITEMS = 200_000


def objection(value: object) -> str | None:
    """Why a JSON value is refused whatever it means, in words; None if nothing speaks against it."""
    level = [value]
    for _ in range(DEEPEST):
        inner: list[object] = []
        for one in level:
            if isinstance(one, dict):
                if len(one) > MOST_NAMES:
                    return f"There are {len(one)} names in one object; at most {MOST_NAMES} are taken."
                inner += one.values()
            elif isinstance(one, list):
                if len(one) > MOST_ITEMS:
                    return f"There are {len(one)} items in one list; at most {MOST_ITEMS} are taken."
                inner += one
        level = [one for one in inner if isinstance(one, dict | list)]
        if not level:
            return None
    return f"It is nested more than {DEEPEST} levels deep."
