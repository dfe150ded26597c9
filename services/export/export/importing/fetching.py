"""Label files in an external S3 bucket, fetched once as an archive like an uploaded one."""

import asyncio
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import NamedTuple

from common.contract.errors import Problem
from common.messaging.bus import Bus
from common.storage.external import ExternalObjects
from common.storage.objects import ListedObject, NoSuchObject, Objects
from export.codecs.zip import Entry, zipped
from export.importing.progress import ImportProgress
from export.importing.repository import ImportRecord, ImportRepository
from export.parsing.archive_reader import LARGEST_FILE, MOST_FILES
from export.storage.archives import Archives
from export.storage.destinations import Destinations
from export.storage.prefetch import in_order

MOST_BYTES = 16 << 30
_CHUNK, _AT_ONCE = 1 << 20, 8
# Of images and videos, formats need the names only; their content is in the project already.
_ONLY_NAMES = (
    ".jpg", ".jpeg", ".webp", ".gif", ".tif", ".tiff",
    ".mp4", ".mov", ".avi", ".mkv", ".webm", ".mpg", ".mts",
)  # fmt: skip


async def fetch(
    record: ImportRecord, progress: ImportProgress, imports: ImportRepository, sources: Destinations, bus: Bus
) -> None:
    """Fetch the archive of an import with an external source, unless it is stored already.

    Raises:
        Problem: it cannot be fetched.
        JobStopped: it was cancelled.
    """
    found = record.imported
    if found.source is None or await _is_there(bus.objects, found.object_key):
        return
    external = sources.source(found.id, record.sealed)
    if external is None:
        raise Problem("import_source_keys_expired")
    archives = Archives(bus.objects)
    await asyncio.to_thread(_fetch, external, found.source.folder, archives, found.object_key, progress)
    await imports.forget_keys(found.id)


async def _is_there(objects: Objects, key: str) -> bool:
    try:
        await objects.stat(key)
    except NoSuchObject:
        return False
    return True


def _fetch(external: ExternalObjects, path: str, archives: Archives, key: str, progress: ImportProgress) -> None:
    archives.clear(key)
    listed = _listed(external, path)
    total = sum(file.size for file in listed)
    if total > MOST_BYTES:
        raise Problem("import_source_too_large", size_gb=total >> 30, limit_gb=MOST_BYTES >> 30)
    with ThreadPoolExecutor(_AT_ONCE, "fetch") as readers:
        pieces = (_Piece(file.key, begin, length) for file in listed for begin, length in _ranges(file))
        read = in_order(readers, lambda piece: external.read_range(*piece), pieces, _AT_ONCE)

        def content(file: ListedObject) -> Iterator[bytes]:
            """The next pieces: files are read in sequence."""
            for chunk in islice(read, len(_ranges(file))):
                progress.fetched = (progress.fetched or 0.0) + len(chunk) / total
                yield chunk

        if listed[0].key == path:
            archives.write(key, content(listed[0]), progress.lease.check)
            return
        folder = f"{path}/" if path else ""
        entries = (Entry(file.key.removeprefix(folder), content(file), file.size) for file in listed)
        archives.write(key, zipped(entries), progress.lease.check)


class _Piece(NamedTuple):
    key: str
    begin: int
    length: int


def _ranges(file: ListedObject) -> Sequence[tuple[int, int]]:
    return [(begin, min(_CHUNK, file.size - begin)) for begin in range(0, file.size, _CHUNK)]


def _listed(external: ExternalObjects, path: str) -> list[ListedObject]:
    """The files of a folder, or the one file of that name.

    Raises:
        Problem: there are none, or too many, or one is too large.
    """
    found: list[ListedObject] = []
    for file in external.list_sync(path):
        if file.key == path and not path.endswith("/"):
            return [file]
        if file.key.endswith("/") or (path and not file.key.startswith(f"{path}/")):
            continue
        if len(found) == MOST_FILES:
            raise Problem("import_source_too_many_files", limit=MOST_FILES)
        found.append(_without_media(file))
    if not found:
        raise Problem("import_source_folder_empty", folder=path) if path else Problem("import_source_empty")
    return found


def _without_media(file: ListedObject) -> ListedObject:
    """The file, empty if it is an image or a video."""
    if file.key.lower().endswith(_ONLY_NAMES):
        return ListedObject(file.key, 0)
    if file.size > LARGEST_FILE:
        raise Problem("archive_file_too_large", file=file.key, limit_mb=LARGEST_FILE >> 20)
    return file
