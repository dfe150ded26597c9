"""Changes of labels: who changed what, when and from which session."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Response

from common.contract.labels import Id
from common.contract.questions import ChangeEntry, ReadChanges
from gateway.dependencies import Injected
from gateway.http.access import MediumReader, ProjectReader
from gateway.http.parameters import FrameRange, PageQuery
from gateway.http.responses import Page, forward
from gateway.media.service import ensure_medium_in_project

router = APIRouter(tags=["labels"])


async def _filters(
    page: PageQuery,
    frames: FrameRange,
    author: Annotated[str | None, Query(max_length=64, description="Only changes by this user.")] = None,
) -> dict[str, Any]:
    return {"first": frames[0], "last": frames[1], "author": author, "page": page}


ChangeFilters = Annotated[dict[str, Any], Depends(_filters)]


@router.get("/projects/{project}/changes", response_model=Page[ChangeEntry])
async def list_changes(
    member: ProjectReader,
    dependencies: Injected,
    filters: ChangeFilters,
    media: Annotated[Id | None, Query(description="Only of this medium.")] = None,
) -> Response:
    """List the changes in a project, newest first."""
    await ensure_medium_in_project(media, member.project_id, dependencies)
    return await forward(ReadChanges(project_id=member.project_id, media_id=media, **filters), dependencies)


@router.get("/media/{medium}/changes", response_model=Page[ChangeEntry])
async def list_medium_changes(access: MediumReader, dependencies: Injected, filters: ChangeFilters) -> Response:
    """List the changes of a medium's labels, or of those on frames first…last, newest first."""
    return await forward(ReadChanges(project_id=access.project_id, media_id=access.id, **filters), dependencies)
