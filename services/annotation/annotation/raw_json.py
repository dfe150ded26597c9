"""JSON assembled from serialized values, without parsing them."""

from collections.abc import Iterable


def json_list(items: Iterable[bytes]) -> bytes:
    """A JSON array."""
    return b"[" + b",".join(items) + b"]"


def json_object(**fields: bytes) -> bytes:
    """A JSON object."""
    return b"{" + b",".join(b'"%s":%s' % (name.encode(), value) for name, value in fields.items()) + b"}"
