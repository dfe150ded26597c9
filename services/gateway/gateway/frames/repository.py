"""Where the segments of clips lie: clip indexes from S3, the most recent ones kept."""

import gzip
from collections import OrderedDict
from dataclasses import dataclass

import orjson

from common.storage.objects import Objects, index_key
from gateway.domain.segment_names import SegmentName

# An index of 1800 frames packs to some 10 KB.
KEPT = 512


@dataclass(frozen=True, slots=True)
class GzippedClipIndex:
    """A clip's index for the browser (gzip-packed JSON), and each segment's place: offset and size."""

    gzipped_json: bytes
    places: tuple[tuple[int, int], ...]


class ClipIndexRepository:
    """Reads clip indexes. They never change once written, so they are read once."""

    def __init__(self, objects: Objects) -> None:
        self._objects = objects
        self._kept: OrderedDict[str, GzippedClipIndex] = OrderedDict()

    async def index(self, project_id: str, media_id: str, clip: SegmentName) -> GzippedClipIndex:
        """The index of the clip and rendition that `clip` names, whatever its place.

        Raises:
            NoSuchObject: this clip has no such rendition, or not yet.
        """
        key = index_key(project_id, media_id, clip.clip, clip.rendition)
        if key not in self._kept:
            self._kept[key] = _pack(await self._objects.get(key), clip)
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        self._kept.move_to_end(key)
        return self._kept[key]


def _pack(content: bytes, clip: SegmentName) -> GzippedClipIndex:
    index = orjson.loads(content)
    for place, segment in enumerate(index["segments"]):
        segment["id"] = str(SegmentName(clip.clip, clip.rendition, place))
    places = tuple((segment["offset"], segment["size"]) for segment in index["segments"])
    return GzippedClipIndex(gzip.compress(orjson.dumps(index), 6), places)
