"""Who is at work, and how long people labeled."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field, FiniteFloat

from common.contract.labels import Id
from common.contract.questions import (
    CloseSession,
    Heartbeat,
    ListSessions,
    PageRequest,
    ReadLabelingTime,
    TimeEntries,
    TimeEntry,
    WorkSession,
    WorkState,
)
from common.service.errors import Problem
from gateway.dependencies import Parts, With
from gateway.domain.csv_tables import Cell, csv_lines
from gateway.domain.people import Member
from gateway.domain.roles import leads
from gateway.http.access import in_project
from gateway.http.responses import Day, Form, Listed, all_listed, csv_of, page_of, passed_on, wants_csv
from gateway.media.routes import refuse_strange_medium

router = APIRouter(tags=["work"])


class SignOfLife(BaseModel):
    """What a window says every ten seconds: where its person is, and for how long they did nothing. `exclusive` holds
    the medium."""

    media: Id | None = None
    clip: int | None = Field(default=None, ge=0)
    idle_s: FiniteFloat = Field(default=0.0, ge=0)
    exclusive: bool = False


@router.post("/projects/{project}/work/{session}/beat", response_model=WorkState)
async def beat(session: Id, sign: SignOfLife, member: Annotated[Member, in_project("label")], parts: With) -> Response:
    """Say that a window is open; `session` is an id that the window made. The answer says who else is there."""
    if sign.media is not None:
        await refuse_strange_medium(sign.media, member.project_id, parts)
    question = Heartbeat(
        session_id=session,
        project_id=member.project_id,
        user_id=member.user.id,
        media_id=sign.media,
        clip=sign.clip,
        idle_s=sign.idle_s,
        exclusive=sign.exclusive,
    )
    return passed_on(await parts.bus.ask_json(question))


@router.delete("/projects/{project}/work/{session}", status_code=204)
async def close_session(session: Id, member: Annotated[Member, in_project("label")], parts: With) -> Response:
    """Say that the window is closed; what it held is free. Twice is fine."""
    await parts.bus.ask(CloseSession(session_id=session, user_id=member.user.id))
    return Response(status_code=204)


@router.get("/projects/{project}/work", response_model=Listed[WorkSession])
async def list_sessions(
    member: Annotated[Member, in_project("read")],
    parts: With,
    media: Annotated[Id | None, Query(description="Only on this medium.")] = None,
) -> Response:
    """Who is at work in the project now."""
    if media is not None:
        await refuse_strange_medium(media, member.project_id, parts)
    return all_listed(await parts.bus.ask_json(ListSessions(project_id=member.project_id, media_id=media)), "items")


class TimesOfWork(BaseModel):
    """Whose labeling time, of which days, and in which form."""

    user: str | None = Field(default=None, max_length=64, description="Only this person.")
    since: Day = None
    until: Day = None
    limit: int = Field(default=100, ge=1, le=500)
    cursor: str | None = Field(default=None, max_length=500)
    format: Form = None


@router.get("/projects/{project}/labeling-time", response_model=Listed[TimeEntry])
async def read_labeling_time(
    asked: Annotated[TimesOfWork, Query()],
    request: Request,
    member: Annotated[Member, in_project("read")],
    parts: With,
) -> Response:
    """How long people labeled on each day, the latest first: owners and admins see everybody, others themselves. As
    JSON by pages, or all of it as CSV."""
    question = ReadLabelingTime(
        project_id=member.project_id,
        user_id=own_or(asked.user, member),
        since=asked.since,
        until=asked.until,
        page=page_of(asked.limit, asked.cursor),
    )
    if wants_csv(request, asked.format):
        first = await _page(question, None, parts)
        return csv_of(_lines(question, first, parts), f"labeling-time-{member.project_id}")
    return passed_on(await parts.bus.ask_json(question))


def own_or(user: str | None, member: Member) -> str | None:
    """The person whose work is asked for: for those who lead anybody, or all; for others themselves. Raises Problem."""
    if leads(member.role):
        return user
    if user not in (None, member.user.id):
        raise Problem(403, "Not allowed", "Only owners and admins see how long others work.")
    return member.user.id


async def _page(question: ReadLabelingTime, cursor: str | None, parts: Parts) -> TimeEntries:
    return await parts.bus.ask(question.model_copy(update={"page": PageRequest(limit=500, cursor=cursor)}))


async def _lines(question: ReadLabelingTime, page: TimeEntries, parts: Parts) -> AsyncIterator[bytes]:
    yield csv_lines([("user", "name", "day", "seconds", "edits")])
    while True:
        yield csv_lines(await _rows(page.items, parts))
        if page.next_cursor is None:
            return
        page = await _page(question, page.next_cursor, parts)


async def _rows(entries: list[TimeEntry], parts: Parts) -> list[tuple[Cell, ...]]:
    users = await parts.accounts.find_many(sorted({entry.user_id for entry in entries}))
    names = {user_id: user.name for user_id, user in users.items()}
    return [(entry.user_id, names.get(entry.user_id), entry.day, entry.seconds, entry.edits) for entry in entries]
