"""Changes of labels: who changed what, when and from which session."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from common.contract.labels import Id
from common.contract.questions import ChangeEntry, ReadChanges
from gateway.dependencies import Injected
from gateway.domain.projects import Member
from gateway.http.access import ResourceAccess, medium_access, project_access
from gateway.http.parameters import FrameRange, PageQuery
from gateway.http.responses import Page, json_response
from gateway.media.service import ensure_medium_in_project

router = APIRouter(tags=["labels"])
Author = Annotated[str | None, Query(max_length=64, description="Only changes by this user.")]


@router.get("/projects/{project}/changes", response_model=Page[ChangeEntry])
async def list_changes(
    member: Annotated[Member, project_access("read")],
    dependencies: Injected,
    page: PageQuery,
    frames: FrameRange,
    *,
    media: Annotated[Id | None, Query(description="Only of this medium.")] = None,
    author: Author = None,
) -> Response:
    """List the changes in a project, newest first."""
    await ensure_medium_in_project(media, member.project_id, dependencies)
    question = ReadChanges(
        project_id=member.project_id,
        media_id=media,
        first=frames[0],
        last=frames[1],
        author=author,
        page=page,
    )
    return json_response(await dependencies.bus.ask_json(question))


@router.get("/media/{medium}/changes", response_model=Page[ChangeEntry])
async def list_medium_changes(
    access: Annotated[ResourceAccess, medium_access("read")],
    dependencies: Injected,
    page: PageQuery,
    frames: FrameRange,
    *,
    author: Author = None,
) -> Response:
    """List the changes of a medium's labels, or of those on frames first…last, newest first."""
    question = ReadChanges(
        project_id=access.project_id,
        media_id=access.id,
        first=frames[0],
        last=frames[1],
        author=author,
        page=page,
    )
    return json_response(await dependencies.bus.ask_json(question))
