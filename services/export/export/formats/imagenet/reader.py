"""Reader of ImageNet 1.0: images in folders named after labels, or lists of images with label numbers.

A label of a video applies to the listed frames.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from common.geometry.types import ImageTag
from export.parsing.archive_reader import ArchiveReader
from export.parsing.detections import Detection
from export.parsing.media_index import MatchedFrame, MediaIndex
from export.parsing.object_collector import ObjectCollector, UnmatchedFrame
from export.parsing.reader import Parsed, Reader
from export.parsing.reasons import MALFORMED, ReaderError, skipped, skipped_for

NO_LABEL = "no_label"
SYNSETS = "synsets.txt"
_SUBSETS = ("train", "val", "test", "training", "validation", "default", "cvat_exported")
_SUFFIXES = (".jpg", ".jpeg", ".png", ".bmp", ".webp", ".tif", ".tiff", ".gif", ".jpe", ".jfif")
_QUOTED = re.compile(r'^"(?P<stem>.*)"(?P<suffix>\.\S+)?(?P<numbers>(?: +-?\w+)*) *$')
_PLAIN = re.compile(r"^(?P<stem>\S+)(?P<suffix>)(?P<numbers>(?: +-?\w+)*) *$")
_LOOKED_AT = 500


class _Row(NamedTuple):
    """An image and the numbers of its labels."""

    path: str
    numbers: list[int]


def read(archive: ArchiveReader, media: MediaIndex) -> Iterator[Parsed]:
    """The labels of every image."""
    collector = ObjectCollector(media)
    yield from _lists(archive, collector) if _synsets(archive) else _folders(archive, collector)
    yield from collector.finish()


def detect(archive: ArchiveReader) -> float:
    """Lists beside `synsets.txt`; or nothing but images in folders."""
    if _synsets(archive):
        return 0.95
    names = [name for name, _ in zip(archive.names, range(_LOOKED_AT), strict=False)]
    images = [name for name in names if name != "labels.json"]
    are_in_folders = all(name.lower().endswith(_SUFFIXES) and _folder(name) for name in images)
    return 0.6 if images and are_in_folders else 0.0


READER = Reader(read, detect)


def _synsets(archive: ArchiveReader) -> str | None:
    return next((name for name in archive.names_ending(SYNSETS) if name.rpartition("/")[2].lower() == SYNSETS), None)


# ---- folders ----


def _folders(archive: ArchiveReader, collector: ObjectCollector) -> Iterator[Parsed]:
    for name in archive.names_ending(*_SUFFIXES):
        if (label := _folder(name)) is None:
            yield skipped(name, "image_not_in_label_folder")
            continue
        matched = collector.match(name.rpartition("/")[2], None, name)
        if label != NO_LABEL:
            yield from _tag(collector, matched, label, name)


def _folder(name: str) -> str | None:
    """The label folder of an image, below an optional subset folder."""
    parts = name.split("/")
    return parts[-2] if len(parts) == 2 or (len(parts) == 3 and parts[0] in _SUBSETS) else None


# ---- lists ----


def _lists(archive: ArchiveReader, collector: ObjectCollector) -> Iterator[Parsed]:
    synsets = _synsets(archive) or ""
    labels = [line.strip() for line in _lines(archive, synsets)]
    folder = synsets.rpartition("/")[0]
    for name in archive.names_ending(".txt"):
        if name == synsets or name.rpartition("/")[0] != folder:
            continue
        for number, line in enumerate(_lines(archive, name), 1):
            where = f"{name}, line {number}"
            try:
                if line.strip():
                    yield from _row(collector, _parsed(line), labels, where)
            except MALFORMED as error:
                yield skipped_for(where, error)


def _lines(archive: ArchiveReader, name: str) -> list[str]:
    # Names may contain characters that Python takes as line ends.
    lines = archive.read(name).decode(errors="replace").replace("\r\n", "\n").split("\n")
    return lines[:-1] if lines[-1] == "" else lines


def _parsed(line: str) -> _Row:
    match = _QUOTED.match(line) or _PLAIN.match(line)
    if not match:
        raise ReaderError("row_malformed")
    return _Row(match["stem"] + (match["suffix"] or ""), [int(number) for number in match["numbers"].split()])


def _row(collector: ObjectCollector, row: _Row, labels: list[str], where: str) -> Iterator[Parsed]:
    matched = collector.match(row.path, None, where)
    for number in row.numbers:
        if not 0 <= number < len(labels):
            yield skipped(where, "no_such_class_in", number=number, file=SYNSETS)
            continue
        yield from _tag(collector, matched, labels[number], where)


def _tag(
    collector: ObjectCollector, matched: MatchedFrame | UnmatchedFrame, label: str, where: str
) -> Iterator[Parsed]:
    yield from collector.add(matched, label, Detection(where, ImageTag(), is_key=False), track="label")
