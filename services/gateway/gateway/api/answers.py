"""How lists are paged and how models become JSON."""

from typing import Annotated, Generic, TypeVar

from fastapi import Query, Response
from pydantic import BaseModel

from common.questions import Page

T = TypeVar("T")
Limit = Annotated[int, Query(ge=1, le=500, description="How many at most.")]
Cursor = Annotated[str | None, Query(max_length=500, description="`next_cursor` of the page before.")]


class Listed(BaseModel, Generic[T]):
    """A page of a list; read on with `next_cursor` until it is null."""

    items: list[T]
    next_cursor: str | None = None


def page_of(limit: int, cursor: str | None) -> Page:
    """Which page a service is asked for."""
    return Page(limit=limit, cursor=cursor)


def json_of(model: BaseModel, status: int = 200) -> Response:
    """A model as the body; it was validated when it came, and is not validated again."""
    return Response(model.model_dump_json(), status, media_type="application/json")
