"""JSON assembled from values that are JSON already, so that they are not parsed to be written again."""

from collections.abc import Iterable


def json_list(items: Iterable[bytes]) -> bytes:
    """A JSON array."""
    return b"[" + b",".join(items) + b"]"


def json_object(**fields: bytes) -> bytes:
    """A JSON object."""
    return b"{" + b",".join(b'"%s":%s' % (name.encode(), value) for name, value in fields.items()) + b"}"
