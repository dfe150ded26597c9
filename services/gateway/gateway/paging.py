"""Pages of the gateway's own lists, which are ordered by one text field, newest first."""

from collections.abc import Sequence

from common.storage.cursor import decode_cursor, encode_cursor
from common.storage.mongo import Document


def after(cursor: str | None, field: str) -> Document:
    """The condition for the documents after a cursor; empty without one. Raises Problem `invalid_cursor`."""
    return {field: {"$lt": decode_cursor(cursor, tuple[str])[0]}} if cursor else {}


def next_cursor(sort_keys: Sequence[str], limit: int) -> str | None:
    """The cursor after a page with these sort keys; None if it was the last page."""
    return encode_cursor(sort_keys[-1]) if len(sort_keys) == limit else None
