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
# Formats need the names of images for classes and frames; the images themselves are in the project already.
_ONLY_NAMES = (
    ".jpg",
    ".jpeg",
    ".webp",
    ".gif",
    ".tif",
    ".tiff",
    ".mp4",
    ".mov",
    ".avi",
    ".mkv",
    ".webm",
    ".mpg",
    ".mts",
)


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
    total = sum(one.size for one in listed)
    if total > MOST_BYTES:
        raise Problem("import_source_too_large", size_gb=total >> 30, limit_gb=MOST_BYTES >> 30)
    with ThreadPoolExecutor(_AT_ONCE, "fetch") as readers:
        pieces = (_Piece(one.key, begin, length) for one in listed for begin, length in _ranges(one))
        read = in_order(readers, lambda piece: external.read_range(*piece), pieces, _AT_ONCE)

        def content(one: ListedObject) -> Iterator[bytes]:
            """The next pieces: files are read one after the other."""
            for chunk in islice(read, len(_ranges(one))):
                progress.fetched = (progress.fetched or 0.0) + len(chunk) / total
                yield chunk

        if listed[0].key == path:
            archives.write(key, content(listed[0]), progress.lease.check)
            return
        folder = f"{path}/" if path else ""
        entries = (Entry(one.key.removeprefix(folder), content(one), one.size) for one in listed)
        archives.write(key, zipped(entries), progress.lease.check)


class _Piece(NamedTuple):
    key: str
    begin: int
    length: int


def _ranges(one: ListedObject) -> Sequence[tuple[int, int]]:
    return [(begin, min(_CHUNK, one.size - begin)) for begin in range(0, one.size, _CHUNK)]


def _listed(external: ExternalObjects, path: str) -> list[ListedObject]:
    """The files of a folder, or the one file of that name.

    Raises:
        Problem: there are none, or too many, or one is too large.
    """
    found: list[ListedObject] = []
    for one in external.list_sync(path):
        if one.key == path and not path.endswith("/"):
            return [one]
        if one.key.endswith("/") or (path and not one.key.startswith(f"{path}/")):
            continue
        if len(found) == MOST_FILES:
            raise Problem("import_source_too_many_files", limit=MOST_FILES)
        found.append(_light(one))
    if not found:
        raise Problem("import_source_folder_empty", folder=path) if path else Problem("import_source_empty")
    return found


def _light(one: ListedObject) -> ListedObject:
    if one.key.lower().endswith(_ONLY_NAMES):
        return ListedObject(one.key, 0)
    if one.size > LARGEST_FILE:
        raise Problem("archive_file_too_large", file=one.key, limit_mb=LARGEST_FILE >> 20)
    return one
