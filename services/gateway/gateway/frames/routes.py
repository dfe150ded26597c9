"""Pixels: clip indexes and segments for the browser's decoder, exact frames, thumbnails."""

from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, Request, Response

from common.contract.clips import Rendition
from common.contract.errors import Problem
from common.contract.questions import ClipRendition, ListClips, RenderFrame
from common.storage.objects import samples_key, thumbnail_key
from gateway.dependencies import Dependencies, Injected
from gateway.domain.segment_names import SegmentName
from gateway.frames.schemas import ClipIndexJson, ClipJson, MediaIndex
from gateway.http.access import MediumReader, ResourceAccess
from gateway.http.downloads import IMMUTABLE, ONE_HOUR, gzipped_json, not_modified, stream_object

router = APIRouter(tags=["media"])
_FORMATS = {"jpg": "jpeg", "jpeg": "jpeg", "png": "png", "webp": "webp"}


@router.get("/media/{medium}/index", response_model=MediaIndex | ClipIndexJson)
async def read_index(
    access: MediumReader,
    request: Request,
    dependencies: Injected,
    clip: Annotated[int | None, Query(ge=0, le=1_000_000)] = None,
    rendition: Annotated[Rendition | None, Query(description="Defaults to the best one.")] = None,
) -> Response | MediaIndex:
    """List the playable clips; with `clip`, get the position and time of each of its frames."""
    if clip is not None and rendition is not None:
        return await _clip_index(access, SegmentName(clip, rendition, 0), request, dependencies)
    listed = await dependencies.bus.ask(ListClips(project_id=access.project_id, media_id=access.id))
    if clip is None:
        return MediaIndex(clips=[_clip_json(available) for available in listed.clips])
    best = next((_clip_json(available) for available in listed.clips if available.clip == clip), None)
    if best is None:
        raise Problem("clip_not_found")
    return await _clip_index(access, SegmentName(clip, best.rendition, 0), request, dependencies)


def _clip_json(rendition: ClipRendition) -> ClipJson:
    return ClipJson.model_validate(rendition, from_attributes=True)


async def _clip_index(
    access: ResourceAccess, clip: SegmentName, request: Request, dependencies: Dependencies
) -> Response:
    etag = f'"{access.id}-{clip.clip}-{clip.rendition}"'
    if unchanged := not_modified(request, etag):
        return unchanged
    index = await dependencies.clip_indexes.find(access.project_id, access.id, clip)
    return gzipped_json(index.gzipped, request, etag)


@router.get("/media/{medium}/gops/{segment}", response_class=Response)
async def read_segment(
    segment: str,
    access: MediumReader,
    request: Request,
    dependencies: Injected,
) -> Response:
    """Get the encoded samples of a segment. They never change."""
    name = SegmentName.parse(segment)
    if name is None:
        raise Problem("segment_not_found")
    etag = f'"{access.id}-{name}"'
    if unchanged := not_modified(request, etag, IMMUTABLE):
        return unchanged
    index = await dependencies.clip_indexes.find(access.project_id, access.id, name)
    if name.index >= len(index.byte_ranges):
        raise Problem("segment_not_found")
    offset, size = index.byte_ranges[name.index]
    headers = {"ETag": etag, "Cache-Control": IMMUTABLE, "Content-Type": "application/octet-stream"}
    key = samples_key(access.project_id, access.id, name.clip, name.rendition)
    byte_range = f"bytes={offset}-{offset + size - 1}"
    return await stream_object(dependencies.bus.objects, key, headers, byte_range=byte_range, whole=True)


@router.get("/media/{medium}/frames/{frame}", response_class=Response)
async def read_frame(
    frame: Annotated[int, Path(ge=0, lt=100_000_000)],
    access: MediumReader,
    request: Request,
    dependencies: Injected,
    image_format: Annotated[Literal["jpeg", "jpg", "png", "webp"], Query(alias="format")] = "jpeg",
    width: Annotated[int | None, Query(ge=16, le=16_384, description="Maximum width in pixels.")] = None,
) -> Response:
    """Get one exact frame as an image."""
    etag = f'"{access.id}-{frame}-{_FORMATS[image_format]}-{width or 0}"'
    if unchanged := not_modified(request, etag, IMMUTABLE):
        return unchanged
    image = await dependencies.bus.ask(
        RenderFrame.model_validate(
            {
                "project_id": access.project_id,
                "media_id": access.id,
                "frame": frame,
                "format": _FORMATS[image_format],
                "width": width,
            }
        )
    )
    headers = {"ETag": etag, "Cache-Control": IMMUTABLE, "Content-Type": image.content_type}
    return await stream_object(dependencies.bus.objects, image.object_key, headers)


@router.get("/media/{medium}/thumbnail", response_class=Response)
async def read_thumbnail(access: MediumReader, request: Request, dependencies: Injected) -> Response:
    """Get a small JPEG of the first frame; 404 until it is available."""
    etag = f'"{access.id}-thumbnail"'
    if unchanged := not_modified(request, etag, ONE_HOUR):
        return unchanged
    headers = {"ETag": etag, "Cache-Control": ONE_HOUR, "Content-Type": "image/jpeg"}
    return await stream_object(dependencies.bus.objects, thumbnail_key(access.project_id, access.id), headers)
