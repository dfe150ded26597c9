"""Media: lists, one medium, its clips and their indexes."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel

from common.contract.clips import ClipIndex, Rendition, Segment
from common.contract.labels import Frame
from common.contract.media import Kind, LabelState, MediaState
from common.contract.questions import ClipRendition, DeleteMedium, GetMedium, ListClips, ListMedia, PageRequest
from common.service.errors import invalid, not_found
from gateway.dependencies import Dependencies, Injected
from gateway.domain.people import Member
from gateway.domain.segment_names import SegmentName
from gateway.http.access import ResourceAccess, medium_access, project_access
from gateway.http.downloads import gzipped_json, not_modified
from gateway.http.responses import Cursor, Limit, Page, page_request
from gateway.media.schemas import MediumJson, medium_json

router = APIRouter(tags=["media"])


class ClipJson(BaseModel):
    """A clip that can be shown: frames first…last in its best rendition."""

    clip: int
    first: Frame
    last: Frame
    rendition: Rendition


class MediaIndex(BaseModel):
    """The clips that can be shown so far. Add `?clip=` for where each frame of one of them is."""

    clips: list[ClipJson]


class SegmentJson(Segment):
    """A segment and the id under which its bytes are found: `/media/{m}/gops/{id}`."""

    id: str


class ClipIndexJson(ClipIndex):
    """Where each frame of a clip is, with the time of each."""

    segments: list[SegmentJson]  # type: ignore[assignment]


async def ensure_in_project(media: list[str], project_id: str, dependencies: Dependencies) -> None:
    """Refuse media that are not this project's."""
    wanted = sorted(set(media))
    known: set[str] = set()
    for start in range(0, len(wanted), 500):
        asked = ListMedia(project_id=project_id, media=wanted[start : start + 500], page=PageRequest(limit=500))
        known |= {medium.id for medium in (await dependencies.bus.ask(asked)).items}
    if missing := [media_id for media_id in wanted if media_id not in known]:
        raise invalid("media", f"Not in this project: {', '.join(missing[:5])}")


async def ensure_medium_in_project(media_id: str, project_id: str, dependencies: Dependencies) -> None:
    """The same for one medium, from what is remembered: 404."""
    if (await dependencies.ownership.medium(media_id)).project_id != project_id:
        raise not_found("medium")


@router.get("/projects/{project}/media")
async def list_media(
    member: Annotated[Member, project_access("read")],
    dependencies: Injected,
    *,
    state: MediaState | None = None,
    label_state: LabelState | None = None,
    kind: Kind | None = None,
    q: Annotated[str | None, Query(max_length=200, description="A part of the name.")] = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Page[MediumJson]:
    """The media of a project, newest first."""
    found = await dependencies.bus.ask(
        ListMedia(
            project_id=member.project_id,
            page=page_request(limit, cursor),
            state=state,
            label_state=label_state,
            kind=kind,
            q=q,
        )
    )
    return Page(items=[medium_json(medium) for medium in found.items], next_cursor=found.next_cursor)


@router.get("/media/{medium}")
async def read_medium(access: Annotated[ResourceAccess, medium_access("read")], dependencies: Injected) -> MediumJson:
    """One medium and its clips."""
    return medium_json(await dependencies.bus.ask(GetMedium(media_id=access.id)))


@router.delete("/media/{medium}", status_code=204)
async def delete_medium(
    access: Annotated[ResourceAccess, medium_access("delete")], dependencies: Injected, *, delete_source: bool = True
) -> Response:
    """Delete a medium and all that was made from it."""
    await dependencies.bus.ask(DeleteMedium(media_id=access.id, delete_source=delete_source))
    dependencies.ownership.forget_medium(access.id)
    return Response(status_code=204)


@router.get("/media/{medium}/index", response_model=MediaIndex | ClipIndexJson)
async def read_index(
    access: Annotated[ResourceAccess, medium_access("read")],
    request: Request,
    dependencies: Injected,
    clip: Annotated[int | None, Query(ge=0, le=1_000_000)] = None,
    rendition: Annotated[Rendition | None, Query(description="The best there is, if not said.")] = None,
) -> Response | MediaIndex:
    """The clips that can be shown; with `clip`, where each of its frames is and at which time."""
    if clip is not None and rendition is not None:
        return await _clip_index(access, SegmentName(clip, rendition, 0), request, dependencies)
    listed = await dependencies.bus.ask(ListClips(project_id=access.project_id, media_id=access.id))
    if clip is None:
        return MediaIndex(clips=[_clip_json(found) for found in listed.clips])
    best = next((_clip_json(found) for found in listed.clips if found.clip == clip), None)
    if best is None:
        raise not_found("clip")
    return await _clip_index(access, SegmentName(clip, best.rendition, 0), request, dependencies)


def _clip_json(found: ClipRendition) -> ClipJson:
    return ClipJson.model_validate(found, from_attributes=True)


async def _clip_index(
    access: ResourceAccess, clip: SegmentName, request: Request, dependencies: Dependencies
) -> Response:
    etag = f'"{access.id}-{clip.clip}-{clip.rendition}"'
    if unchanged := not_modified(request, etag):
        return unchanged
    index = await dependencies.segments.index(access.project_id, access.id, clip)
    return gzipped_json(index.gzipped_json, request, etag)
