"""Limits of JSON values, checked before they are validated."""

from common.contract.errors import CodedError

MAX_DEPTH = 32
MAX_NAMES = 200
MAX_ITEMS = 200_000


class JsonLimitExceeded(CodedError):
    """A JSON value is too deep, or has too many names or entries."""


def check_json(value: object) -> None:
    """Check a JSON value against the limits. Raises JsonLimitExceeded."""
    level = [value]
    for _ in range(MAX_DEPTH):
        inner: list[object] = []
        for container in level:
            inner += _children(container)
        level = [child for child in inner if isinstance(child, dict | list)]
        if not level:
            return
    raise JsonLimitExceeded("json_too_deep", limit=MAX_DEPTH)


def _children(container: object) -> list[object]:
    if isinstance(container, dict):
        if len(container) > MAX_NAMES:
            raise JsonLimitExceeded("json_too_many_names", limit=MAX_NAMES)
        return list(container.values())
    if isinstance(container, list):
        if len(container) > MAX_ITEMS:
            raise JsonLimitExceeded("json_too_many_items", limit=MAX_ITEMS)
        return container
    return []
