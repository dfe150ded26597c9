"""Labels of whole images and of spans of videos."""

from typing import Annotated, Literal

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from common.contract.labels import Frame, Id
from common.contract.questions import LabelMedia, OperationResult, SyncLabels
from gateway.dependencies import Injected
from gateway.domain.people import Member
from gateway.edits.routes import WorkSession
from gateway.http.access import IdempotencyKey, project_access, resource_id
from gateway.http.responses import check_frame_range, json_response
from gateway.media.routes import ensure_in_project

router = APIRouter(tags=["labels"])
Media = Annotated[list[Id], Field(min_length=1, max_length=10_000)]
Span = Annotated[list[Frame], Field(min_length=2, max_length=2)]


class MediaLabel(BaseModel):
    """A label to add to whole media, to remove, or to make the default of those that have it. Without `media`, every
    medium of the project that has the label; with `spans` ([first, last] each), for these frames only."""

    action: Literal["add", "remove", "make_default"]
    category: str = Field(min_length=1, max_length=200)
    mission: str | None = Field(default=None, min_length=1, max_length=200)
    media: Media | None = None
    spans: list[Span] | None = Field(default=None, min_length=1, max_length=1000)


class Synchronization(BaseModel):
    """The media whose objects also become labels of the whole medium; all of the project, if none are named."""

    media: Media | None = None


@router.post("/projects/{project}/labels", response_model=OperationResult)
async def label_media(
    label: MediaLabel,
    member: Annotated[Member, project_access("label")],
    dependencies: Injected,
    key: IdempotencyKey = None,
    work_session: WorkSession = None,
) -> Response:
    """Label whole media, as one act; each labeled medium has exactly one default label."""
    for first, last in label.spans or []:
        check_frame_range(first, last)
    if label.media is not None:
        await ensure_in_project(label.media, member.project_id, dependencies)
    question = LabelMedia(
        operation=resource_id(member.caller, f"labels {member.project_id}", key),
        project_id=member.project_id,
        author=member.user.id,
        session=work_session,
        **label.model_dump(),
    )
    return json_response(await dependencies.bus.ask_json(question))


@router.post("/projects/{project}/labels/sync", response_model=OperationResult)
async def synchronize_labels(
    what: Synchronization,
    member: Annotated[Member, project_access("label")],
    dependencies: Injected,
    key: IdempotencyKey = None,
    work_session: WorkSession = None,
) -> Response:
    """Label media with the category of every object on them; twice changes nothing more."""
    if what.media is not None:
        await ensure_in_project(what.media, member.project_id, dependencies)
    question = SyncLabels(
        operation=resource_id(member.caller, f"label sync {member.project_id}", key),
        project_id=member.project_id,
        media=what.media,
        author=member.user.id,
        session=work_session,
    )
    return json_response(await dependencies.bus.ask_json(question))
