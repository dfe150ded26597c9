"""Objects of S3 as responses: streamed, with caching headers, ETags and ranges."""

import gzip
import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import httpx
from fastapi import Request, Response
from fastapi.responses import StreamingResponse

from common.contract.errors import Problem
from common.service.metrics import S3_BYTES
from common.storage.objects import CHUNK, Objects

# Media are private to the project's members: no shared cache may keep them.
IMMUTABLE = "private, max-age=31536000, immutable"
REVALIDATE = "private, no-cache"
ONE_HOUR = "private, max-age=3600"


def not_modified(request: Request, etag: str, caching: str = REVALIDATE) -> Response | None:
    """The 304 for a client that has this version already."""
    known = [tag.strip().removeprefix("W/") for tag in request.headers.get("if-none-match", "").split(",")]
    if etag in known or "*" in known:
        return Response(status_code=304, headers={"ETag": etag, "Cache-Control": caching})
    return None


def gzipped_json(content: bytes, request: Request, etag: str) -> Response:
    """JSON that is stored gzipped, unpacked for clients that do not accept gzip."""
    headers = {"ETag": etag, "Cache-Control": REVALIDATE, "Vary": "Accept-Encoding"}
    if "gzip" in request.headers.get("accept-encoding", ""):
        return Response(content, headers=headers | {"Content-Encoding": "gzip"}, media_type="application/json")
    return Response(gzip.decompress(content), headers=headers, media_type="application/json")


async def stream_object(
    objects: Objects, key: str, headers: dict[str, str], *, byte_range: str | None = None, whole: bool = False
) -> Response:
    """An object, or a range of it; with `whole`, the range is a complete resource to the client. Raises NoSuchObject.

    S3 responds before the response begins, so that a missing object is an error and not a broken body.
    """
    stack = AsyncExitStack()
    stored = await stack.enter_async_context(objects.open(key, byte_range))
    if stored.status_code == httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE:
        await stack.aclose()
        return Response(status_code=416, headers={"Content-Range": stored.headers.get("content-range", "bytes */*")})
    if stored.is_error:
        await stack.aclose()
        raise Problem("object_store_refused", answer=stored.status_code)
    own_headers = {"Content-Length": stored.headers["content-length"], "X-Content-Type-Options": "nosniff"}
    if stored.status_code == httpx.codes.PARTIAL_CONTENT and not whole:
        own_headers["Content-Range"] = stored.headers["content-range"]
    status = 200 if whole else stored.status_code
    return StreamingResponse(_body(stored, stack), status, own_headers | headers)


async def download_object(objects: Objects, key: str, request: Request, etag: str, headers: dict[str, str]) -> Response:
    """An object that never changes, as a file; an interrupted download resumes with Range. Raises NoSuchObject."""
    if unchanged := not_modified(request, etag, ONE_HOUR):
        return unchanged
    # A range of another version is ignored.
    byte_range = single_range(request) if request.headers.get("if-range") in (None, etag) else None
    own_headers = {"ETag": etag, "Cache-Control": ONE_HOUR, "Accept-Ranges": "bytes"}
    return await stream_object(objects, key, own_headers | headers, byte_range=byte_range)


def single_range(request: Request) -> str | None:
    """The requested range. Several ranges and malformed ones, which stores handle differently, are ignored: the whole
    object is a valid response to them (RFC 9110, 14.2)."""
    header = request.headers.get("range", "")
    match = re.fullmatch(r"bytes=(?:(\d{1,18})-(\d{1,18})?|-\d{1,18})", header, re.ASCII)
    if match is None or (match[1] and match[2] and int(match[1]) > int(match[2])):
        return None
    return header


async def _body(stored: httpx.Response, stack: AsyncExitStack) -> AsyncIterator[bytes]:
    async with stack:
        async for chunk in stored.aiter_raw(CHUNK):
            S3_BYTES.labels("down").inc(len(chunk))
            yield chunk
