"""Media: images and videos of a project."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from common.contract.media import Kind, LabelState, MediaState
from common.contract.questions import DeleteMedium, GetMedium, ListMedia
from gateway.dependencies import Injected
from gateway.http.access import MediumReader, ProjectReader, ResourceAccess, medium_access
from gateway.http.parameters import PageQuery
from gateway.http.responses import Page
from gateway.media.schemas import MediumJson, medium_json

router = APIRouter(tags=["media"])


@router.get("/projects/{project}/media")
async def list_media(
    member: ProjectReader,
    dependencies: Injected,
    page: PageQuery,
    *,
    state: MediaState | None = None,
    label_state: LabelState | None = None,
    kind: Kind | None = None,
    q: Annotated[str | None, Query(max_length=200, description="Part of the name.")] = None,
) -> Page[MediumJson]:
    """List the media of a project, newest first."""
    media = await dependencies.bus.ask(
        ListMedia(
            project_id=member.project_id,
            page=page,
            state=state,
            label_state=label_state,
            kind=kind,
            q=q,
        )
    )
    return Page(items=[medium_json(medium) for medium in media.items], next_cursor=media.next_cursor)


@router.get("/media/{medium}")
async def read_medium(access: MediumReader, dependencies: Injected) -> MediumJson:
    """Get a medium with its clips."""
    return medium_json(await dependencies.bus.ask(GetMedium(media_id=access.id)))


@router.delete("/media/{medium}", status_code=204)
async def delete_medium(
    access: Annotated[ResourceAccess, medium_access("delete")],
    dependencies: Injected,
    *,
    delete_source: Annotated[bool, Query(description="Also delete the uploaded file.")] = True,
) -> Response:
    """Delete a medium and everything derived from it."""
    await dependencies.bus.ask(DeleteMedium(media_id=access.id, delete_source=delete_source))
    dependencies.owners.forget_medium(access.id)
    return Response(status_code=204)
