"""Pages of the gateway's own lists, which are ordered by one text field, newest first."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from common.contract.questions import PageRequest
from common.storage.cursor import decode_cursor, encode_cursor
from common.storage.mongo import Document

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class ListPage(Generic[T]):
    """A page of a list; `next_cursor` is None on the last one."""

    items: list[T]
    next_cursor: str | None


async def find_page(
    collection: Any, query: Document, page: PageRequest, build: Callable[[Document], T], *, order: str
) -> ListPage[T]:
    """The page of the documents that match `query`, descending by the text field `order`. Raises Problem
    `invalid_cursor`."""
    if page.cursor:
        query = query | {order: {"$lt": decode_cursor(page.cursor, tuple[str])[0]}}
    documents = [document async for document in collection.find(query).sort(order, -1).limit(page.limit)]
    more = encode_cursor(documents[-1][order]) if len(documents) == page.limit else None
    return ListPage([build(document) for document in documents], more)
