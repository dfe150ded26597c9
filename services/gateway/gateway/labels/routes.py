"""Labels of whole images, videos, and ranges of frames."""

from typing import Annotated, Literal

from fastapi import APIRouter, Response
from pydantic import Field

from common.contract.labels import Frame, Id
from common.contract.questions import LabelMedia, OperationResult, SyncLabels
from gateway.dependencies import Injected
from gateway.http.access import ProjectLabeler
from gateway.http.parameters import Origin, check_frame_range
from gateway.http.responses import forward
from gateway.http.validation import RequestModel
from gateway.media.service import ensure_in_project

router = APIRouter(tags=["labels"])
Media = Annotated[list[Id], Field(min_length=1, max_length=10_000)]
Span = Annotated[list[Frame], Field(min_length=2, max_length=2)]


class MediaLabel(RequestModel):
    """A label to add to media, to remove from them, or to make the default of those that have it. Without `media`, all
    media of the project that have the label; with `spans` ([first, last] each), only these frames."""

    action: Literal["add", "remove", "make_default"]
    category: str = Field(min_length=1, max_length=200)
    mission: str | None = Field(default=None, min_length=1, max_length=200)
    media: Media | None = None
    spans: list[Span] | None = Field(default=None, min_length=1, max_length=1000)


class Synchronization(RequestModel):
    """The media to label with the categories of their objects; all media of the project by default."""

    media: Media | None = None


@router.post("/projects/{project}/labels", response_model=OperationResult)
async def label_media(label: MediaLabel, member: ProjectLabeler, origin: Origin, dependencies: Injected) -> Response:
    """Label whole media. Every labeled medium has exactly one default label. One undo reverts it."""
    for first, last in label.spans or []:
        check_frame_range(first, last)
    await ensure_in_project(label.media, member.project_id, dependencies)
    fields = origin.fields(member, f"labels {member.project_id}") | label.model_dump()
    return await forward(LabelMedia(**fields), dependencies)


@router.post("/projects/{project}/labels/sync", response_model=OperationResult)
async def synchronize_labels(
    synchronization: Synchronization, member: ProjectLabeler, origin: Origin, dependencies: Injected
) -> Response:
    """Label media with the category of every object on them. Idempotent."""
    await ensure_in_project(synchronization.media, member.project_id, dependencies)
    fields = origin.fields(member, f"label sync {member.project_id}")
    return await forward(SyncLabels(**fields, media=synchronization.media), dependencies)
