"""Parameters and headers that many routes share."""

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from fastapi import Depends, Header, Query
from pydantic import Field

from common.contract.errors import Problem
from common.contract.labels import Frame
from common.contract.questions import PageRequest
from common.service.ids import new_id, stable_id
from gateway.domain.accounts import Caller
from gateway.domain.projects import Member

Limit = Annotated[int, Query(ge=1, le=500, description="Maximum number of items.")]
Cursor = Annotated[str | None, Query(max_length=500, description="`next_cursor` of the previous page.")]
Day = Annotated[str | None, Field(pattern=r"^\d{4}-\d\d-\d\d$", description="A day in UTC, such as 2026-01-31.")]
TableFormat = Annotated[Literal["json", "csv"] | None, Field(description="Defaults to the `Accept` header.")]
IdempotencyKey = Annotated[
    str | None,
    Header(alias="Idempotency-Key", max_length=200, description="Requests with the same key take effect once."),
]
WorkSession = Annotated[
    str | None,
    Header(alias="X-Work-Session", max_length=64, description="The window or program; recorded in the history."),
]


def page_request(limit: int, cursor: str | None) -> PageRequest:
    """The page to request from a service."""
    return PageRequest(limit=limit, cursor=cursor)


def resource_id(caller: Caller, scope: str, key: str | None) -> str:
    """The id of a new resource: the same for the same caller, scope and Idempotency-Key."""
    return stable_id("made by", caller.user.id, scope, key) if key else new_id()


@dataclass(frozen=True, slots=True)
class OperationOrigin:
    """The headers that say where an operation on many objects comes from."""

    key: str | None
    work_session: str | None

    def fields(self, member: Member, scope: str) -> dict[str, Any]:
        """The id, project, author and session of the operation, as fields of the question to annotation."""
        return {
            "operation": resource_id(member.caller, scope, self.key),
            "project_id": member.project_id,
            "author": member.user.id,
            "session": self.work_session,
        }


async def _origin(key: IdempotencyKey = None, work_session: WorkSession = None) -> OperationOrigin:
    return OperationOrigin(key, work_session)


Origin = Annotated[OperationOrigin, Depends(_origin)]


def check_frame_range(first: int | None, last: int | None) -> None:
    """Refuse a range of frames that ends before it begins."""
    if first is not None and last is not None and last < first:
        raise Problem.of_field("last", "frame_range_reversed", first=first, last=last)


async def _page_query(limit: Limit = 100, cursor: Cursor = None) -> PageRequest:
    return page_request(limit, cursor)


# The page of a list that the query selects.
PageQuery = Annotated[PageRequest, Depends(_page_query)]


async def _frame_range(first: Frame | None = None, last: Frame | None = None) -> tuple[int | None, int | None]:
    check_frame_range(first, last)
    return first, last


# Frames first…last, inclusive; without them, all frames.
FrameRange = Annotated[tuple[int | None, int | None], Depends(_frame_range)]
