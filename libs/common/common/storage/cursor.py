"""Cursors of lists: an opaque text for the position of the last item on a page.

next_cursor = encode_cursor(last.created_at, last.id)
created_at, last_id = decode_cursor(page.cursor, tuple[float, str])    # Problem `invalid_cursor` on anything else
query |= older_than(page.cursor)                                       # the usual order: newest first, then by id
"""

import base64
import binascii
from functools import cache
from typing import Any, TypeVar

import orjson
from pydantic import TypeAdapter, ValidationError

from common.contract.errors import Problem
from common.storage.mongo import Document

Position = TypeVar("Position", bound=tuple[Any, ...])


def encode_cursor(*position: str | float) -> str:
    """The cursor of a position, as base64url without padding."""
    return base64.urlsafe_b64encode(orjson.dumps(position)).rstrip(b"=").decode()


def decode_cursor(cursor: str, position: type[Position]) -> Position:
    """The position that was encoded; `position` is its type, such as `tuple[float, str]`.

    Raises:
        Problem: `invalid_cursor` on the field `cursor`: no list returned this text.
    """
    try:
        content = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        found: Position = _adapter(position).validate_json(content, strict=True)
    except (binascii.Error, ValueError, ValidationError) as error:
        raise Problem.of_field("cursor", "invalid_cursor") from error
    return found


def older_than(cursor: str | None, field: str = "created_at") -> Document:
    """The condition for the items after a cursor of `encode_cursor(created_at, id)` in the order `field`, `_id`, both
    descending; empty without a cursor.

    Raises:
        Problem: `invalid_cursor`, as `decode_cursor`.
    """
    if cursor is None:
        return {}
    moment, item_id = decode_cursor(cursor, tuple[float, str])
    return {"$or": [{field: {"$lt": moment}}, {field: moment, "_id": {"$lt": item_id}}]}


@cache
def _adapter(position: type[Position]) -> TypeAdapter[Position]:
    return TypeAdapter(position)
