"""Bytes from S3 to the browser: streamed, with what caches need to know."""

import gzip
import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import httpx
from fastapi import Request, Response
from fastapi.responses import StreamingResponse

from common.service.errors import Problem
from common.service.metrics import BYTES_CARRIED
from common.storage.objects import CHUNK, Objects

# Media are private to the project's members: no shared cache may keep them.
IMMUTABLE = "private, max-age=31536000, immutable"
REVALIDATE = "private, no-cache"
CACHED_FOR_AN_HOUR = "private, max-age=3600"


def not_modified(request: Request, etag: str, caching: str = REVALIDATE) -> Response | None:
    """The answer to a browser that has this very content already."""
    known = [tag.strip().removeprefix("W/") for tag in request.headers.get("if-none-match", "").split(",")]
    if etag in known or "*" in known:
        return Response(status_code=304, headers={"ETag": etag, "Cache-Control": caching})
    return None


def gzipped_json(content: bytes, request: Request, etag: str) -> Response:
    """gzip-packed JSON, as it is for those who take it."""
    headers = {"ETag": etag, "Cache-Control": REVALIDATE, "Vary": "Accept-Encoding"}
    if "gzip" in request.headers.get("accept-encoding", ""):
        return Response(content, headers=headers | {"Content-Encoding": "gzip"}, media_type="application/json")
    return Response(gzip.decompress(content), headers=headers, media_type="application/json")


async def stream_object(
    objects: Objects, key: str, headers: dict[str, str], *, byte_range: str | None = None, whole: bool = False
) -> Response:
    """An object, or a range of it; `whole` hides that it is a range. Raises NoSuchObject.

    S3 is asked before the answer begins, so that a missing object is an error and not a broken body.
    """
    stack = AsyncExitStack()
    stored = await stack.enter_async_context(objects.open(key, byte_range))
    if stored.status_code == httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE:
        await stack.aclose()
        told = {"Content-Range": stored.headers.get("content-range", "bytes */*")}
        return Response(status_code=416, headers=told)
    if stored.is_error:
        await stack.aclose()
        raise Problem(503, "Not readable", "The object store cannot give this out at the moment.")
    told = {"Content-Length": stored.headers["content-length"], "X-Content-Type-Options": "nosniff"}
    if stored.status_code == httpx.codes.PARTIAL_CONTENT and not whole:
        told["Content-Range"] = stored.headers["content-range"]
    status = 200 if whole else stored.status_code
    return StreamingResponse(_body(stored, stack), status, told | headers)


async def download_object(objects: Objects, key: str, request: Request, etag: str, headers: dict[str, str]) -> Response:
    """An object that never changes, as a file; a broken download resumes with Range. Raises NoSuchObject."""
    if unchanged := not_modified(request, etag, CACHED_FOR_AN_HOUR):
        return unchanged
    # A range that was meant for another version is none.
    wanted = single_range(request) if request.headers.get("if-range") in (None, etag) else None
    told = {"ETag": etag, "Cache-Control": CACHED_FOR_AN_HOUR, "Accept-Ranges": "bytes"}
    return await stream_object(objects, key, told | headers, byte_range=wanted)


def single_range(request: Request) -> str | None:
    """The range that is asked for; of several at once and of nonsense, which stores answer each in its own way, none:
    the whole is an answer to these (RFC 9110, 14.2)."""
    asked = request.headers.get("range", "")
    found = re.fullmatch(r"bytes=(?:(\d{1,18})-(\d{1,18})?|-\d{1,18})", asked, re.ASCII)
    if found is None or (found[1] and found[2] and int(found[1]) > int(found[2])):
        return None
    return asked


async def _body(stored: httpx.Response, stack: AsyncExitStack) -> AsyncIterator[bytes]:
    async with stack:
        async for chunk in stored.aiter_raw(CHUNK):
            BYTES_CARRIED.labels("down").inc(len(chunk))
            yield chunk
