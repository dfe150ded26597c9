"""Work sessions: who is labeling now, and labeling time."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field, FiniteFloat

from common.contract import questions
from common.contract.labels import Id
from gateway.dependencies import Injected
from gateway.http.access import ProjectLabeler, ProjectReader
from gateway.http.parameters import Day, TableFormat, page_request
from gateway.http.responses import Page, csv_response, forward, list_response, wants_csv
from gateway.http.validation import RequestModel
from gateway.media.service import ensure_medium_in_project
from gateway.work_sessions import service

router = APIRouter(tags=["work"])


class SessionHeartbeat(RequestModel):
    """Sent by a window every ten seconds: the medium and clip it shows, and how long its user has been idle.
    `exclusive` locks the medium."""

    media: Id | None = None
    clip: int | None = Field(default=None, ge=0)
    idle_s: FiniteFloat = Field(default=0.0, ge=0)
    exclusive: bool = False


@router.post("/projects/{project}/work/{session}/heartbeat", response_model=questions.WorkState)
async def heartbeat(
    session: Id,
    beat: SessionHeartbeat,
    member: ProjectLabeler,
    dependencies: Injected,
) -> Response:
    """Keep a work session alive. The client chooses the id of the session. The response lists who else is working."""
    await ensure_medium_in_project(beat.media, member.project_id, dependencies)
    question = questions.Heartbeat(
        session_id=session,
        project_id=member.project_id,
        user_id=member.user.id,
        media_id=beat.media,
        clip=beat.clip,
        idle_s=beat.idle_s,
        exclusive=beat.exclusive,
    )
    return await forward(question, dependencies)


@router.delete("/projects/{project}/work/{session}", status_code=204)
async def close_session(session: Id, member: ProjectLabeler, dependencies: Injected) -> Response:
    """Close a work session and release its locks. Idempotent."""
    await dependencies.bus.ask(questions.CloseSession(session_id=session, user_id=member.user.id))
    return Response(status_code=204)


@router.get("/projects/{project}/work", response_model=Page[questions.WorkSession])
async def list_sessions(
    member: ProjectReader,
    dependencies: Injected,
    media: Annotated[Id | None, Query(description="Only on this medium.")] = None,
) -> Response:
    """List the open work sessions of the project."""
    await ensure_medium_in_project(media, member.project_id, dependencies)
    question = questions.ListSessions(project_id=member.project_id, media_id=media)
    return list_response(await dependencies.bus.ask_json(question), "items")


class LabelingTimeQuery(BaseModel):
    """Filters, page and format of labeling times."""

    user: str | None = Field(default=None, max_length=64, description="Only of this user.")
    since: Day = None
    until: Day = None
    limit: int = Field(default=100, ge=1, le=500)
    cursor: str | None = Field(default=None, max_length=500)
    format: TableFormat = None


@router.get("/projects/{project}/labeling-time", response_model=Page[questions.TimeEntry])
async def read_labeling_time(
    query: Annotated[LabelingTimeQuery, Query()],
    request: Request,
    member: ProjectReader,
    dependencies: Injected,
) -> Response:
    """List labeling times by user and day, the latest day first: of everyone for owners and admins, otherwise your own.
    JSON is paged; CSV has all entries."""
    question = questions.ReadLabelingTime(
        project_id=member.project_id,
        user_id=service.visible_user(query.user, member),
        since=query.since,
        until=query.until,
        page=page_request(query.limit, query.cursor),
    )
    if wants_csv(request, query.format):
        lines = await service.labeling_time_csv(question, dependencies)
        return csv_response(lines, f"labeling-time-{member.project_id}")
    return await forward(question, dependencies)
