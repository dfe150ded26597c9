"""Pagination cursors: an opaque text for the position of the last item on a page.

next_cursor = encode_cursor(last.created_at, last.id)
created_at, last_id = decode_cursor(page.cursor, tuple[float, str])    # Problem `invalid_cursor` on anything else
documents, next_cursor = await newest_first(media, {"project_id": project_id}, page)
"""

import base64
import binascii
from functools import cache
from typing import Any, TypeVar

import orjson
from pydantic import TypeAdapter, ValidationError
from pymongo import DESCENDING

from common.contract.errors import Problem
from common.contract.questions import PageRequest
from common.storage.mongo import Document

Position = TypeVar("Position", bound=tuple[Any, ...])


def encode_cursor(*position: str | float) -> str:
    """The cursor of a position, as base64url without padding."""
    return base64.urlsafe_b64encode(orjson.dumps(position)).rstrip(b"=").decode()


def decode_cursor(cursor: str, position: type[Position]) -> Position:
    """The position of a cursor. `position` is its type, such as `tuple[float, str]`.

    Raises:
        Problem: `invalid_cursor` on the field `cursor`.
    """
    try:
        content = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        decoded: Position = _adapter(position).validate_json(content, strict=True)
    except (binascii.Error, ValueError, ValidationError) as error:
        raise Problem.of_field("cursor", "invalid_cursor") from error
    return decoded


def older_than(cursor: str | None, field: str = "created_at") -> Document:
    """The condition for the items after a cursor of `encode_cursor(created_at, id)` in the order `field`, `_id`, both
    descending; empty without a cursor.

    Raises:
        Problem: `invalid_cursor`, as `decode_cursor`.
    """
    if cursor is None:
        return {}
    value, item_id = decode_cursor(cursor, tuple[float, str])
    return {"$or": [{field: {"$lt": value}}, {field: value, "_id": {"$lt": item_id}}]}


async def newest_first(collection: Any, query: Document, page: PageRequest) -> tuple[list[Document], str | None]:
    """A page of the documents that match, by `created_at` and `_id`, newest first, and the cursor of the next page.

    Raises:
        Problem: `invalid_cursor`, as `decode_cursor`.
    """
    condition = {"$and": [query, older_than(page.cursor)]} if page.cursor else query
    order = [("created_at", DESCENDING), ("_id", DESCENDING)]
    documents = await collection.find(condition).sort(order).limit(page.limit + 1).to_list()
    shown = documents[: page.limit]
    next_cursor = encode_cursor(shown[-1]["created_at"], shown[-1]["_id"]) if len(documents) > page.limit else None
    return shown, next_cursor


@cache
def _adapter(position: type[Position]) -> TypeAdapter[Position]:
    return TypeAdapter(position)
