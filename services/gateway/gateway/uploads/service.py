"""Storing uploads: the bytes are streamed to S3 as they arrive."""

from collections.abc import AsyncIterator

import httpx
from starlette.datastructures import UploadFile

from common.contract.errors import Problem
from common.contract.media import Medium, Upload
from common.contract.questions import FinishUpload, PartUrl, PresignPart
from common.storage.objects import CHUNK
from gateway.dependencies import Dependencies
from gateway.streaming import exactly


async def store_part(
    upload_id: str, number: int, size_bytes: int, body: AsyncIterator[bytes], dependencies: Dependencies
) -> None:
    """Store one part of an upload, or replace it. Raises Problem."""
    question = PresignPart(upload_id=upload_id, number=number, size_bytes=size_bytes)
    await _send(body, await dependencies.bus.ask(question), dependencies)


async def store_file(file: UploadFile, upload: Upload, dependencies: Dependencies) -> Medium:
    """Store a whole file in parts, and complete its upload. Raises Problem."""
    if upload.state == "open":
        for number, start in enumerate(range(0, upload.size_bytes, upload.part_size_bytes), start=1):
            size = min(upload.part_size_bytes, upload.size_bytes - start)
            await file.seek(start)
            await store_part(upload.id, number, size, _chunks(file, size), dependencies)
    return await dependencies.bus.ask(FinishUpload(upload_id=upload.id))


async def _send(body: AsyncIterator[bytes], part: PartUrl, dependencies: Dependencies) -> None:
    stored = await dependencies.bus.objects.http.put(
        part.url, content=exactly(body, part.size_bytes), headers={"Content-Length": str(part.size_bytes)}
    )
    if stored.status_code == httpx.codes.NOT_FOUND:
        raise Problem("upload_closed")
    if stored.is_error:
        raise Problem("object_store_refused", answer=stored.status_code)


async def _chunks(file: UploadFile, size: int) -> AsyncIterator[bytes]:
    while size > 0 and (chunk := await file.read(min(CHUNK, size))):
        size -= len(chunk)
        yield chunk
