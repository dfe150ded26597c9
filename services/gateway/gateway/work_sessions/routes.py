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
from gateway.dependencies import Dependencies, Injected
from gateway.domain.csv_tables import Cell, csv_lines
from gateway.domain.people import Member
from gateway.domain.roles import sees_everyone
from gateway.http.access import project_access
from gateway.http.responses import (
    Day,
    Page,
    TableFormat,
    csv_response,
    json_response,
    list_response,
    page_request,
    wants_csv,
)
from gateway.media.routes import ensure_medium_in_project

router = APIRouter(tags=["work"])


class SignOfLife(BaseModel):
    """What a window says every ten seconds: where its person is, and for how long they did nothing. `exclusive` holds
    the medium."""

    media: Id | None = None
    clip: int | None = Field(default=None, ge=0)
    idle_s: FiniteFloat = Field(default=0.0, ge=0)
    exclusive: bool = False


@router.post("/projects/{project}/work/{session}/beat", response_model=WorkState)
async def beat(
    session: Id, sign: SignOfLife, member: Annotated[Member, project_access("label")], dependencies: Injected
) -> Response:
    """Say that a window is open; `session` is an id that the window made. The answer says who else is there."""
    if sign.media is not None:
        await ensure_medium_in_project(sign.media, member.project_id, dependencies)
    question = Heartbeat(
        session_id=session,
        project_id=member.project_id,
        user_id=member.user.id,
        media_id=sign.media,
        clip=sign.clip,
        idle_s=sign.idle_s,
        exclusive=sign.exclusive,
    )
    return json_response(await dependencies.bus.ask_json(question))


@router.delete("/projects/{project}/work/{session}", status_code=204)
async def close_session(
    session: Id, member: Annotated[Member, project_access("label")], dependencies: Injected
) -> Response:
    """Say that the window is closed; what it held is free. Twice is fine."""
    await dependencies.bus.ask(CloseSession(session_id=session, user_id=member.user.id))
    return Response(status_code=204)


@router.get("/projects/{project}/work", response_model=Page[WorkSession])
async def list_sessions(
    member: Annotated[Member, project_access("read")],
    dependencies: Injected,
    media: Annotated[Id | None, Query(description="Only on this medium.")] = None,
) -> Response:
    """Who is at work in the project now."""
    if media is not None:
        await ensure_medium_in_project(media, member.project_id, dependencies)
    return list_response(
        await dependencies.bus.ask_json(ListSessions(project_id=member.project_id, media_id=media)), "items"
    )


class TimesOfWork(BaseModel):
    """Whose labeling time, of which days, and in which form."""

    user: str | None = Field(default=None, max_length=64, description="Only this person.")
    since: Day = None
    until: Day = None
    limit: int = Field(default=100, ge=1, le=500)
    cursor: str | None = Field(default=None, max_length=500)
    format: TableFormat = None


@router.get("/projects/{project}/labeling-time", response_model=Page[TimeEntry])
async def read_labeling_time(
    asked: Annotated[TimesOfWork, Query()],
    request: Request,
    member: Annotated[Member, project_access("read")],
    dependencies: Injected,
) -> Response:
    """How long people labeled on each day, the latest first: owners and admins see everybody, others themselves. As
    JSON by pages, or all of it as CSV."""
    question = ReadLabelingTime(
        project_id=member.project_id,
        user_id=visible_user(asked.user, member),
        since=asked.since,
        until=asked.until,
        page=page_request(asked.limit, asked.cursor),
    )
    if wants_csv(request, asked.format):
        first = await _page(question, None, dependencies)
        return csv_response(_lines(question, first, dependencies), f"labeling-time-{member.project_id}")
    return json_response(await dependencies.bus.ask_json(question))


def visible_user(user: str | None, member: Member) -> str | None:
    """The person whose work is asked for: for those who lead anybody, or all; for others themselves. Raises Problem."""
    if sees_everyone(member.role):
        return user
    if user not in (None, member.user.id):
        raise Problem(403, "Not allowed", "Only owners and admins see how long others work.")
    return member.user.id


async def _page(question: ReadLabelingTime, cursor: str | None, dependencies: Dependencies) -> TimeEntries:
    return await dependencies.bus.ask(question.model_copy(update={"page": PageRequest(limit=500, cursor=cursor)}))


async def _lines(question: ReadLabelingTime, page: TimeEntries, dependencies: Dependencies) -> AsyncIterator[bytes]:
    yield csv_lines([("user", "name", "day", "seconds", "edits")])
    while True:
        yield csv_lines(await _rows(page.items, dependencies))
        if page.next_cursor is None:
            return
        page = await _page(question, page.next_cursor, dependencies)


async def _rows(entries: list[TimeEntry], dependencies: Dependencies) -> list[tuple[Cell, ...]]:
    users = await dependencies.accounts.find_many(sorted({entry.user_id for entry in entries}))
    names = {user_id: user.name for user_id, user in users.items()}
    return [(entry.user_id, names.get(entry.user_id), entry.day, entry.seconds, entry.edits) for entry in entries]
