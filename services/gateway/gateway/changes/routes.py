"""What was changed, when, by whom and from which session."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from common.contract.labels import Id
from common.contract.questions import ChangeEntry, ReadChanges
from gateway.dependencies import With
from gateway.domain.people import Member
from gateway.http.access import Access, in_project, to_medium
from gateway.http.responses import Cursor, Frames, Limit, Listed, page_of, passed_on
from gateway.media.routes import refuse_strange_medium

router = APIRouter(tags=["labels"])
Author = Annotated[str | None, Query(max_length=64, description="Only what this person changed.")]


@router.get("/projects/{project}/changes", response_model=Listed[ChangeEntry])
async def list_changes(
    member: Annotated[Member, in_project("read")],
    parts: With,
    frames: Frames,
    *,
    media: Annotated[Id | None, Query(description="Only of this medium.")] = None,
    author: Author = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Response:
    """The changes in a project, newest first."""
    if media is not None:
        await refuse_strange_medium(media, member.project_id, parts)
    question = ReadChanges(
        project_id=member.project_id,
        media_id=media,
        first=frames[0],
        last=frames[1],
        author=author,
        page=page_of(limit, cursor),
    )
    return passed_on(await parts.bus.ask_json(question))


@router.get("/media/{medium}/changes", response_model=Listed[ChangeEntry])
async def list_medium_changes(
    access: Annotated[Access, to_medium("read")],
    parts: With,
    frames: Frames,
    *,
    author: Author = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Response:
    """The changes of a medium's labels, or of those on frames first…last, newest first."""
    question = ReadChanges(
        project_id=access.project_id,
        media_id=access.id,
        first=frames[0],
        last=frames[1],
        author=author,
        page=page_of(limit, cursor),
    )
    return passed_on(await parts.bus.ask_json(question))
