"""What is seen: segments for the browser's decoder, exact frames, thumbnails."""

from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, Request, Response

from common.contract.questions import RenderFrame
from common.service.errors import not_found
from common.storage.objects import samples_key, thumbnail_key
from gateway.dependencies import Injected
from gateway.domain.segment_names import SegmentName
from gateway.http.access import ResourceAccess, medium_access
from gateway.http.downloads import IMMUTABLE, not_modified, stream_object

router = APIRouter(tags=["media"])
CACHED_FOR_AN_HOUR = "private, max-age=3600"
_FORMATS = {"jpg": "jpeg", "jpeg": "jpeg", "png": "png", "webp": "webp"}


@router.get("/media/{medium}/gops/{segment}", response_class=Response)
async def read_segment(
    segment: str, access: Annotated[ResourceAccess, medium_access("read")], request: Request, dependencies: Injected
) -> Response:
    """The samples of one segment; they never change."""
    name = SegmentName.parse(segment)
    if name is None:
        raise not_found("segment")
    etag = f'"{access.id}-{name}"'
    if unchanged := not_modified(request, etag, IMMUTABLE):
        return unchanged
    index = await dependencies.segments.index(access.project_id, access.id, name)
    if name.place >= len(index.places):
        raise not_found("segment")
    offset, size = index.places[name.place]
    headers = {"ETag": etag, "Cache-Control": IMMUTABLE, "Content-Type": "application/octet-stream"}
    key = samples_key(access.project_id, access.id, name.clip, name.rendition)
    return await stream_object(
        dependencies.bus.objects, key, headers, byte_range=f"bytes={offset}-{offset + size - 1}", whole=True
    )


@router.get("/media/{medium}/frames/{frame}", response_class=Response)
async def read_frame(
    frame: Annotated[int, Path(ge=0, lt=100_000_000)],
    access: Annotated[ResourceAccess, medium_access("read")],
    request: Request,
    dependencies: Injected,
    picture_format: Annotated[Literal["jpeg", "jpg", "png", "webp"], Query(alias="format")] = "jpeg",
    width: Annotated[int | None, Query(ge=16, le=16_384)] = None,
) -> Response:
    """One exact frame as a picture, at most `width` pixels wide."""
    etag = f'"{access.id}-{frame}-{_FORMATS[picture_format]}-{width or 0}"'
    if unchanged := not_modified(request, etag, IMMUTABLE):
        return unchanged
    picture = await dependencies.bus.ask(
        RenderFrame.model_validate(
            {
                "project_id": access.project_id,
                "media_id": access.id,
                "frame": frame,
                "format": _FORMATS[picture_format],
                "width": width,
            }
        )
    )
    headers = {"ETag": etag, "Cache-Control": IMMUTABLE, "Content-Type": picture.content_type}
    return await stream_object(dependencies.bus.objects, picture.object_key, headers)


@router.get("/media/{medium}/thumbnail", response_class=Response)
async def read_thumbnail(
    access: Annotated[ResourceAccess, medium_access("read")], request: Request, dependencies: Injected
) -> Response:
    """A small JPEG of the first frame; 404 until there is one."""
    etag = f'"{access.id}-thumbnail"'
    if unchanged := not_modified(request, etag, CACHED_FOR_AN_HOUR):
        return unchanged
    headers = {"ETag": etag, "Cache-Control": CACHED_FOR_AN_HOUR, "Content-Type": "image/jpeg"}
    return await stream_object(dependencies.bus.objects, thumbnail_key(access.project_id, access.id), headers)
