"""Reader of Ultralytics YOLO Classification: images in class folders, and `labels.json` with all labels of each image,
as Tracklane and CVAT write it.

The first of several labels is that of the folder; the most frequent first label is the medium's default.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any, NamedTuple

import orjson

from common.geometry.types import ImageTag
from export.formats.yolo.names import NO_LABEL
from export.formats.yolo.reader_images import SUBSETS, SUFFIXES
from export.parsing.archive_reader import ArchiveReader
from export.parsing.detections import Detection
from export.parsing.media_index import MatchedFrame, MediaIndex
from export.parsing.object_collector import ObjectCollector, UnmatchedFrame
from export.parsing.reader import Parsed, Reader
from export.parsing.reasons import MALFORMED, ReaderError, skipped, skipped_for

_LIST = re.compile(rb'^\s*\{\s*"(?:[^"\\]|\\.)*"\s*:\s*\{\s*"(?:labels"\s*:\s*\[|path"\s*:\s*")')
_LOOKED_AT = 200


class _Labeled(NamedTuple):
    """An image and its labels, the folder's first."""

    where: str
    matched: MatchedFrame | UnmatchedFrame
    labels: list[str]


def read(archive: ArchiveReader, media: MediaIndex) -> Iterator[Parsed]:
    """The labels of all images."""
    collector = ObjectCollector(media)
    images: list[_Labeled] = []
    lists = _lists(archive)
    for name in lists:
        yield from _list_images(name, archive, collector, images)
    images += _in_folders(archive, collector, {name.rpartition("/")[0] for name in lists})
    firsts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for image in images:
        if isinstance(image.matched, MatchedFrame) and len(image.labels) > 1:
            firsts[image.matched.medium.id][image.labels[0]] += 1
    default = {medium_id: counted.most_common(1)[0][0] for medium_id, counted in firsts.items()}
    for image in images:
        yield from _labels(image, collector, default)
    yield from collector.finish()


def detect(archive: ArchiveReader) -> float:
    """A `labels.json`, or images in class folders below subset folders."""
    if any(_LIST.match(archive.head(name)) for name in _lists(archive)[:3]):
        return 0.95
    images = archive.names_ending(*SUFFIXES)[:_LOOKED_AT]
    if not images or archive.names_ending(".txt", ".xml", ".json", ".csv", ".yaml", ".yml"):
        return 0.0
    return 0.55 if all(_subset(name) for name in images) else 0.3 if all("/" in name for name in images) else 0.0


READER = Reader(read, detect)


def _lists(archive: ArchiveReader) -> list[str]:
    files = archive.names_ending(".json")
    named = [name for name in files if name.rpartition("/")[2].lower() == "labels.json"]
    return named or [name for name in files[:1] if _LIST.match(archive.head(name))]


def _list_images(
    name: str, archive: ArchiveReader, collector: ObjectCollector, images: list[_Labeled]
) -> Iterator[Parsed]:
    """Add the images of a list; yields its skipped entries."""
    try:
        rows = orjson.loads(archive.read(name)).items()
    except (orjson.JSONDecodeError, AttributeError):
        yield skipped(name, "not_this_format", format="labels.json")
        return
    for image, row in rows:
        where = f"{name}, {image}"
        try:
            path = str(row.get("path") or "")
            matched = _match(collector, image + _suffix(path), path, where)
            images.append(_Labeled(where, matched, _names(row["labels"])))
        except MALFORMED as error:
            yield skipped_for(where, error)


def _names(labels: Any) -> list[str]:
    if not isinstance(labels, list) or not all(isinstance(label, str) and label for label in labels):
        raise ReaderError("field_not_list", field="labels")
    return list(dict.fromkeys(labels))


def _in_folders(archive: ArchiveReader, collector: ObjectCollector, listed: set[str]) -> Iterator[_Labeled]:
    """The images in folders without a list; the class is the folder below the subset, or the innermost one."""
    for name in archive.names_ending(*SUFFIXES):
        parts = name.split("/")
        at = _subset(name) or len(parts) - 2
        if at >= 0 and "/".join(parts[:at]) not in listed:
            matched = _match(collector, "/".join(parts[at + 1 :]), name, name)
            yield _Labeled(name, matched, [parts[at]] if parts[at] != NO_LABEL else [])


def _subset(name: str) -> int:
    """The index of the class folder in an image path, below a subset folder; 0 if there is none."""
    parts = name.split("/")
    return next((at + 1 for at, part in enumerate(parts[:-2]) if part.lower() in SUBSETS), 0)


def _suffix(path: str) -> str:
    return next((path[-len(suffix) :] for suffix in SUFFIXES if path.lower().endswith(suffix)), "")


def _match(collector: ObjectCollector, below: str, path: str, where: str) -> MatchedFrame | UnmatchedFrame:
    """The frame of an image: by its path below the class folder, or by its whole path."""
    matched = collector.match(below, None, where)
    if isinstance(matched, MatchedFrame) or not path:
        return matched
    by_path = collector.match(path, None, where)
    return by_path if isinstance(by_path, MatchedFrame) else matched


def _labels(image: _Labeled, collector: ObjectCollector, default: dict[str, str]) -> Iterator[Parsed]:
    medium_id = image.matched.medium.id if isinstance(image.matched, MatchedFrame) else ""
    for label in image.labels:
        detection = Detection(image.where, ImageTag(), is_key=False)
        try:
            is_default = default.get(medium_id) == label
            yield from collector.add(image.matched, label, detection, track=label, default=is_default)
        except MALFORMED as error:
            yield skipped_for(image.where, error)
