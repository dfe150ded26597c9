"""Reader of Market-1501 1.0: people, identified by the names of their images.

Each image becomes a label `market-1501` with the attributes `person_id`, `camera_id` (one less than in the name),
`track_id` (the sequence), `frame_id`, `bbox_id` and, for query images, `query`. Images are listed, or else found in
their folders; renamed images are found by their original name in `names.txt`.
"""

import re
from collections.abc import Iterator, Mapping

from common.geometry.types import ImageTag
from export.parsing.archive_reader import ArchiveReader
from export.parsing.detections import Attributes, Detection
from export.parsing.media_index import MatchedFrame, MediaIndex, NoMatch
from export.parsing.object_collector import ObjectCollector, UnmatchedFrame
from export.parsing.reader import Parsed, Reader
from export.parsing.reasons import MALFORMED, skipped_for
from export.parsing.values import parse_value

CLASS = "market-1501"
NAMES = "names.txt"
_LIST = re.compile(r"(.*/)?images_[^/]*\.txt", re.IGNORECASE)
_FOLDER = re.compile(r"(?:(?:.*/)?(?:bounding_box_[^/]*|gt_bbox|query)/)(?P<path>.+)")
_SUFFIXES = (".jpg", ".jpeg", ".png", ".bmp")
_NAMED = re.compile(
    r"(?:.*/)?(?P<person_id>-?\d{1,9})_c(?P<camera_id>\d{1,9})s(?P<track_id>\d{1,9})_(?P<frame_id>\d{1,9})"
    r"_(?P<bbox_id>\d{1,9})[^/]*"
)


def read(archive: ArchiveReader, media: MediaIndex) -> Iterator[Parsed]:
    """The labels of all images."""
    collector, own_names = ObjectCollector(media), _own_names(archive)
    for path in _images(archive):
        named = _NAMED.fullmatch(path)
        matched = _match(path, own_names.get(path), named is not None, collector, media)
        if named is None:
            continue
        on_video = isinstance(matched, MatchedFrame) and matched.medium.kind == "video"
        is_query = "query" in path.split("/")[:-1]
        try:
            attributes = _attributes(named.groupdict(), {"query": is_query} if is_query or on_video else {})
            yield from collector.add(matched, CLASS, Detection(path, ImageTag(), attributes=attributes), track=CLASS)
        except MALFORMED as error:
            yield skipped_for(path, error)
    yield from collector.finish()


def detect(archive: ArchiveReader) -> float:
    """A list of images in Market-1501's folders, or such folders with matching file names."""
    lists = [name for name in archive.names_ending(".txt") if _LIST.fullmatch(name)]
    if lists:
        first = next(iter(archive.head(lists[0]).decode(errors="replace").split("\n")), "")
        return 0.95 if _FOLDER.fullmatch(first.strip("\r").replace("\\", "/")) else 0.0
    named = (name for name in archive.names_ending(*_SUFFIXES) if _FOLDER.fullmatch(name) and _NAMED.fullmatch(name))
    return 0.9 if next(named, None) else 0.0


READER = Reader(read, detect)


def _images(archive: ArchiveReader) -> Iterator[str]:
    lists = [name for name in archive.names_ending(".txt") if _LIST.fullmatch(name)]
    for name in lists:
        yield from (path for line in _lines(archive, name) if (path := line.replace("\\", "/")))
    if not lists:
        yield from (name for name in archive.names_ending(*_SUFFIXES) if _FOLDER.fullmatch(name))


def _match(
    path: str, own_name: str | None, is_named: bool, collector: ObjectCollector, media: MediaIndex
) -> MatchedFrame | UnmatchedFrame:
    """The frame of an image; the number at the end of a matching name is not a frame number."""
    in_folder = _FOLDER.fullmatch(path)
    name = own_name or (in_folder["path"] if in_folder else path)
    medium = media.named(name) if is_named and own_name is None else None
    return UnmatchedFrame(path, medium.reason) if isinstance(medium, NoMatch) else collector.match(name, None, path)


def _own_names(archive: ArchiveReader) -> Mapping[str, str]:
    """Original names by image path."""
    if NAMES not in archive.names:
        return {}
    return dict(line.split("\t") for line in _lines(archive, NAMES) if line.count("\t") == 1)


def _lines(archive: ArchiveReader, name: str) -> Iterator[str]:
    return (line.strip("\r") for line in archive.read(name).decode(errors="replace").split("\n"))


def _attributes(named: Mapping[str, str], others: Attributes) -> Attributes:
    """The attributes in a file name."""
    person = named["person_id"]
    numbers = {name: float(number) for name, number in named.items() if name != "person_id"}
    return {"person_id": parse_value(person), **numbers, "camera_id": numbers["camera_id"] - 1, **others}
