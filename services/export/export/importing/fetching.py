"""Labels that lie in someone else's S3: fetched once, as an archive like those that people upload."""

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
from export.importing.progress import Stopped, Work
from export.importing.repository import ImportRecord, ImportStore
from export.parsing.archive_reader import LARGEST_FILE, MOST_FILES
from export.storage.archives import Archives, Halted
from export.storage.destinations import Destinations
from export.storage.prefetch import in_order

MOST_BYTES = 16 << 30
_CHUNK, _AT_ONCE = 1 << 20, 8
# Formats tell classes and frames by the names of pictures; what the pictures show is in the project already.
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


async def fetch(record: ImportRecord, work: Work, imports: ImportStore, sources: Destinations, bus: Bus) -> None:
    """Let the archive lie where imports are read from, if it comes from someone else's S3 and is not there yet.

    Raises:
        Problem: it cannot be had, for a reason in words.
        Stopped: it was called off.
    """
    found = record.imported
    if found.source is None or await _is_there(bus.objects, found.object_key):
        return
    outside = sources.source(found.id, record.sealed)
    if outside is None:
        raise Problem("import_source_keys_expired")
    try:
        await asyncio.to_thread(_fetch_now, outside, found.source.folder, Archives(bus.objects), found.object_key, work)
    except Halted as halted:
        raise Stopped from halted
    await imports.forget_keys(found.id)


async def _is_there(objects: Objects, key: str) -> bool:
    try:
        await objects.stat(key)
    except NoSuchObject:
        return False
    return True


def _fetch_now(outside: ExternalObjects, path: str, archives: Archives, key: str, work: Work) -> None:
    archives.clear(key)
    listed = _listed(outside, path)
    total = sum(one.size for one in listed)
    if total > MOST_BYTES:
        raise Problem("import_source_too_large", size_gb=total >> 30, limit_gb=MOST_BYTES >> 30)
    with ThreadPoolExecutor(_AT_ONCE, "fetch") as readers:
        pieces = (_Piece(one.key, begin, length) for one in listed for begin, length in _ranges(one))
        read = in_order(readers, lambda piece: outside.read_range(*piece), pieces, _AT_ONCE)

        def content(one: ListedObject) -> Iterator[bytes]:
            """The next pieces: files are read one after the other."""
            for chunk in islice(read, len(_ranges(one))):
                work.fetched = (work.fetched or 0.0) + len(chunk) / total
                yield chunk

        if listed[0].key == path:
            archives.write(key, content(listed[0]), work.halted)
            return
        folder = f"{path}/" if path else ""
        entries = (Entry(one.key.removeprefix(folder), content(one), one.size) for one in listed)
        archives.write(key, zipped(entries), work.halted)


class _Piece(NamedTuple):
    key: str
    begin: int
    length: int


def _ranges(one: ListedObject) -> Sequence[tuple[int, int]]:
    return [(begin, min(_CHUNK, one.size - begin)) for begin in range(0, one.size, _CHUNK)]


def _listed(outside: ExternalObjects, path: str) -> list[ListedObject]:
    """The files of a folder, or the one file of that name.

    Raises:
        Problem: there are none, or too many, or one is too large.
    """
    found: list[ListedObject] = []
    for one in outside.list_sync(path):
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
