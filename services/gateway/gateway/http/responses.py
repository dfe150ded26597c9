"""How lists are paged and how models become JSON."""

from collections.abc import AsyncIterable
from typing import Annotated, Generic, Literal, TypeVar

from fastapi import Depends, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field

from common.contract.labels import Frame
from common.contract.questions import PageRequest
from common.service.errors import invalid
from gateway.domain.content_disposition import attachment

T = TypeVar("T")
Limit = Annotated[int, Query(ge=1, le=500, description="How many at most.")]
Cursor = Annotated[str | None, Query(max_length=500, description="`next_cursor` of the page before.")]
Day = Annotated[str | None, Field(pattern=r"^\d{4}-\d\d-\d\d$", description="A day in UTC, such as 2026-01-31.")]
TableFormat = Annotated[Literal["json", "csv"] | None, Field(description="As `Accept: text/csv` says, if not given.")]


class Page(BaseModel, Generic[T]):
    """A page of a list; read on with `next_cursor` until it is null."""

    items: list[T]
    next_cursor: str | None = None


def page_request(limit: int, cursor: str | None) -> PageRequest:
    """Which page a service is asked for."""
    return PageRequest(limit=limit, cursor=cursor)


def model_response(model: BaseModel, status: int = 200) -> Response:
    """A model as the body; it was validated when it came, and is not validated again."""
    return Response(model.model_dump_json(), status, media_type="application/json")


def json_response(answer: bytes, status: int = 200) -> Response:
    """A service's answer as the body, as it came."""
    return Response(answer, status, media_type="application/json")


def list_response(answer: bytes, name: str) -> Response:
    """A service's answer whose only field is the list `name`, as the one page of a list, as it came."""
    start = f'{{"{name}":['.encode()
    assert answer.startswith(start), f"the answer is no list of {name}"
    return Response(b'{"items":[' + answer[len(start) : -1] + b',"next_cursor":null}', media_type="application/json")


def wants_csv(request: Request, form: str | None) -> bool:
    """Whether the answer shall be a table for a spreadsheet."""
    return form == "csv" or (form is None and request.headers.get("accept", "").startswith("text/csv"))


def csv_response(lines: AsyncIterable[bytes], name: str) -> Response:
    """A table as a download, streamed."""
    headers = {"Content-Disposition": attachment(f"{name}.csv"), "Cache-Control": "no-store"}
    return StreamingResponse(lines, headers=headers, media_type="text/csv; charset=utf-8")


async def _frames(first: Frame | None = None, last: Frame | None = None) -> tuple[int | None, int | None]:
    check_frame_range(first, last)
    return first, last


def check_frame_range(first: int | None, last: int | None) -> None:
    """Refuse a range of frames that ends before it begins."""
    if first is not None and last is not None and last < first:
        raise invalid("last", "The last frame comes before the first.")


# Frames first…last, inclusive; all if not given.
Frames = Annotated[tuple[int | None, int | None], Depends(_frames)]
