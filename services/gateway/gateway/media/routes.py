"""Media: lists, one medium, its clips and their indexes."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel

from common.contract.clips import ClipIndex, Rendition, Segment
from common.contract.labels import Frame
from common.contract.media import Kind, LabelState, MediaState
from common.contract.questions import ClipRendition, DeleteMedium, GetMedium, ListClips, ListMedia, PageRequest
from common.service.errors import invalid, not_found
from gateway.dependencies import Parts, With
from gateway.domain.people import Member
from gateway.domain.segment_names import SegmentName
from gateway.http.access import Access, in_project, to_medium
from gateway.http.downloads import not_modified, packed
from gateway.http.responses import Cursor, Limit, Listed, page_of
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


async def refuse_strangers(media: list[str], project_id: str, parts: Parts) -> None:
    """Refuse media that are not this project's."""
    wanted = sorted(set(media))
    known: set[str] = set()
    for start in range(0, len(wanted), 500):
        asked = ListMedia(project_id=project_id, media=wanted[start : start + 500], page=PageRequest(limit=500))
        known |= {medium.id for medium in (await parts.bus.ask(asked)).items}
    if missing := [media_id for media_id in wanted if media_id not in known]:
        raise invalid("media", f"Not in this project: {', '.join(missing[:5])}")


async def refuse_strange_medium(media_id: str, project_id: str, parts: Parts) -> None:
    """The same for one medium, from what is remembered: 404."""
    if (await parts.ownership.of_medium(media_id)).project_id != project_id:
        raise not_found("medium")


@router.get("/projects/{project}/media")
async def list_media(
    member: Annotated[Member, in_project("read")],
    parts: With,
    *,
    state: MediaState | None = None,
    label_state: LabelState | None = None,
    kind: Kind | None = None,
    q: Annotated[str | None, Query(max_length=200, description="A part of the name.")] = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Listed[MediumJson]:
    """The media of a project, newest first."""
    found = await parts.bus.ask(
        ListMedia(
            project_id=member.project_id,
            page=page_of(limit, cursor),
            state=state,
            label_state=label_state,
            kind=kind,
            q=q,
        )
    )
    return Listed(items=[medium_json(medium) for medium in found.items], next_cursor=found.next_cursor)


@router.get("/media/{medium}")
async def read_medium(access: Annotated[Access, to_medium("read")], parts: With) -> MediumJson:
    """One medium and its clips."""
    return medium_json(await parts.bus.ask(GetMedium(media_id=access.id)))


@router.delete("/media/{medium}", status_code=204)
async def delete_medium(
    access: Annotated[Access, to_medium("delete")], parts: With, *, delete_source: bool = True
) -> Response:
    """Delete a medium and all that was made from it."""
    await parts.bus.ask(DeleteMedium(media_id=access.id, delete_source=delete_source))
    parts.ownership.forget_medium(access.id)
    return Response(status_code=204)


@router.get("/media/{medium}/index", response_model=MediaIndex | ClipIndexJson)
async def read_index(
    access: Annotated[Access, to_medium("read")],
    request: Request,
    parts: With,
    clip: Annotated[int | None, Query(ge=0, le=1_000_000)] = None,
    rendition: Annotated[Rendition | None, Query(description="The best there is, if not said.")] = None,
) -> Response | MediaIndex:
    """The clips that can be shown; with `clip`, where each of its frames is and at which time."""
    if clip is not None and rendition is not None:
        return await _clip_index(access, SegmentName(clip, rendition, 0), request, parts)
    listed = await parts.bus.ask(ListClips(project_id=access.project_id, media_id=access.id))
    if clip is None:
        return MediaIndex(clips=[_clip_json(found) for found in listed.clips])
    best = next((_clip_json(found) for found in listed.clips if found.clip == clip), None)
    if best is None:
        raise not_found("clip")
    return await _clip_index(access, SegmentName(clip, best.rendition, 0), request, parts)


def _clip_json(found: ClipRendition) -> ClipJson:
    return ClipJson.model_validate(found, from_attributes=True)


async def _clip_index(access: Access, clip: SegmentName, request: Request, parts: Parts) -> Response:
    etag = f'"{access.id}-{clip.clip}-{clip.rendition}"'
    if unchanged := not_modified(request, etag):
        return unchanged
    index = await parts.segments.index(access.project_id, access.id, clip)
    return packed(index.packed, request, etag)
