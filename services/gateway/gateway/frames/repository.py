"""Clip indexes from S3; the most recently used ones are cached."""

import gzip
from dataclasses import dataclass

import orjson

from common.storage.cache import AsyncCache
from common.storage.objects import NoSuchObject, Objects, index_key
from gateway.domain.segment_names import SegmentName

# An index of 1800 frames takes about 10 KB.
MAX_CACHED = 512


@dataclass(frozen=True, slots=True)
class GzippedClipIndex:
    """A clip's index as gzipped JSON, and the byte range of each segment: offset and size."""

    gzipped: bytes
    byte_ranges: tuple[tuple[int, int], ...]


class ClipIndexRepository:
    """Reads clip indexes. They never change once written, so each is read once."""

    def __init__(self, objects: Objects) -> None:
        self._objects = objects
        self._indexes: AsyncCache[str, GzippedClipIndex] = AsyncCache(MAX_CACHED)

    async def find(self, project_id: str, media_id: str, clip: SegmentName) -> GzippedClipIndex:
        """The index of the clip and rendition of a segment.

        Raises:
            NoSuchObject: the clip has no such rendition yet.
        """
        key = index_key(project_id, media_id, clip.clip, clip.rendition)
        index = await self._indexes.get(key, lambda: self._load(key, clip))
        if index is None:
            raise NoSuchObject(key)
        return index

    async def _load(self, key: str, clip: SegmentName) -> GzippedClipIndex | None:
        return _gzipped(await self._objects.get(key), clip)


def _gzipped(content: bytes, clip: SegmentName) -> GzippedClipIndex:
    index = orjson.loads(content)
    for position, segment in enumerate(index["segments"]):
        segment["id"] = str(SegmentName(clip.clip, clip.rendition, position))
    byte_ranges = tuple((segment["offset"], segment["size"]) for segment in index["segments"])
    return GzippedClipIndex(gzip.compress(orjson.dumps(index), 6), byte_ranges)
