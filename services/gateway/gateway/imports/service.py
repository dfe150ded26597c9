"""Starting imports: the archive is streamed to S3 before the job starts."""

from collections.abc import AsyncIterator

import httpx

from common.contract.errors import ErrorKind, Problem
from common.contract.questions import GetImport, Import, StartImport
from gateway.dependencies import Dependencies
from gateway.streaming import exactly

_TEMPORARY = frozenset({ErrorKind.INTERNAL, ErrorKind.UNAVAILABLE, ErrorKind.TIMED_OUT})


async def find_import(import_id: str, dependencies: Dependencies) -> Import | None:
    """The import with this id, None without one. Raises Problem."""
    try:
        return await dependencies.bus.ask(GetImport(import_id=import_id))
    except Problem as problem:
        if problem.kind is ErrorKind.NOT_FOUND:
            return None
        raise


async def store_archive(
    body: AsyncIterator[bytes], size_bytes: int, object_key: str, dependencies: Dependencies
) -> None:
    """Stream an archive to S3. Raises Problem."""
    if size_bytes == 0:
        raise Problem.of_field("body", "body_required")
    objects = dependencies.bus.objects
    stored = await objects.http.put(
        objects.presigned("PUT", object_key),
        content=exactly(body, size_bytes),
        headers={"Content-Length": str(size_bytes)},
    )
    if stored.status_code != httpx.codes.OK:
        raise Problem("object_store_refused", answer=stored.status_code)


async def start_import(question: StartImport, dependencies: Dependencies) -> Import:
    """Start the import of a stored archive, which is deleted if the import is refused. Raises Problem."""
    try:
        return await dependencies.bus.ask(question)
    except Problem as problem:
        if problem.kind not in _TEMPORARY:
            await dependencies.bus.objects.delete(question.object_key)
        raise
