"""Responses of JSON, pages of lists, and CSV."""

from collections.abc import AsyncIterable
from typing import Any, Generic, TypeVar

from fastapi import Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel

from common.contract.questions.question import Question
from gateway.dependencies import Dependencies
from gateway.domain.content_disposition import attachment

T = TypeVar("T")


class Page(BaseModel, Generic[T]):
    """A page of a list. Continue with `next_cursor` until it is null."""

    items: list[T]
    next_cursor: str | None = None


def model_response(model: BaseModel, status: int = 200) -> Response:
    """A model as the body, without validating it a second time."""
    return Response(model.model_dump_json(), status, media_type="application/json")


def json_response(body: bytes, status: int = 200) -> Response:
    """The JSON of a service, unchanged."""
    return Response(body, status, media_type="application/json")


async def forward(question: Question[Any], dependencies: Dependencies, status: int = 200) -> Response:
    """The JSON that a service replies to a question, unchanged. Raises Problem."""
    return json_response(await dependencies.bus.ask_json(question), status)


def list_response(body: bytes, name: str) -> Response:
    """The JSON of a service, whose only field is the list `name`, as a single page."""
    start = f'{{"{name}":['.encode()
    assert body.startswith(start), f"the JSON is not a list of {name}"
    return Response(b'{"items":[' + body[len(start) : -1] + b',"next_cursor":null}', media_type="application/json")


def wants_csv(request: Request, table_format: str | None) -> bool:
    """Whether the response is to be CSV."""
    accept = request.headers.get("accept", "")
    return table_format == "csv" or (table_format is None and accept.startswith("text/csv"))


def csv_response(lines: AsyncIterable[bytes], name: str) -> Response:
    """CSV as a streamed download."""
    headers = {"Content-Disposition": attachment(f"{name}.csv"), "Cache-Control": "no-store"}
    return StreamingResponse(lines, headers=headers, media_type="text/csv; charset=utf-8")
