"""Reader of TFRecord 1.0: boxes and masks in the records of TensorFlow's object detection API.

There are no tracks; every detection is an object.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from common.geometry.masks import encode_bitmap
from common.geometry.types import Bitmap, Box
from export.codecs.tfrecord import begins_records
from export.formats.tfrecord.reader_examples import Features, features, records
from export.parsing.archive_reader import ArchiveReader
from export.parsing.detections import Detection
from export.parsing.label_images import decode_image
from export.parsing.media_index import MatchedFrame, MediaIndex
from export.parsing.object_collector import ObjectCollector, UnmatchedFrame
from export.parsing.reader import Parsed, Reader
from export.parsing.reasons import MALFORMED, ReaderError, skipped_for

_EDGES = ("xmin", "ymin", "xmax", "ymax")
_NAMES = re.compile(r"\.(tf_?records?|record)(-\d+-of-\d+)?$|-\d{5}-of-\d{5}$", re.IGNORECASE)
# A token in a label map: the start of an item, its number or its name.
_ITEMS = re.compile(
    r"(?P<item>item\s*\{)|\bid\s*:\s*(?P<id>\d{1,9})|\b(?P<key>display_name|name)\s*:\s*"
    r"(?:'(?P<one>(?:[^'\\]|\\.)*)'|\"(?P<two>(?:[^\"\\]|\\.)*)\")",
    re.DOTALL,
)
_ESCAPES = re.compile(r"\\([0-7]{1,3}|.)", re.DOTALL)
_LETTERS = {"n": "\n", "r": "\r", "t": "\t"}


def read(archive: ArchiveReader, media: MediaIndex) -> Iterator[Parsed]:
    """The objects of every record."""
    collector = ObjectCollector(media)
    names = _label_map(archive)
    for name in _files(archive):
        for number, record in enumerate(records(archive.read(name)), 1):
            where = f"{name}, record {number}"
            try:
                if record.error is not None:
                    raise record.error
                yield from _Example(where, features(record.payload), names, collector).objects()
            except MALFORMED as error:
                yield skipped_for(where, error)
    yield from collector.finish()


def detect(archive: ArchiveReader) -> float:
    """A file that starts with a record with a valid checksum."""
    files = _files(archive)
    return 1.0 if files and begins_records(archive.head(files[0])) else 0.0


READER = Reader(read, detect)


def _files(archive: ArchiveReader) -> list[str]:
    listed = list(archive.names)
    return listed if len(listed) == 1 else [name for name in listed if _NAMES.search(name)]


def _label_map(archive: ArchiveReader) -> dict[int, str]:
    """Class names by number."""
    names: dict[int, str] = {}
    for name in archive.names_ending(".pbtxt")[:1]:
        number, label = -1, ""
        for token in _ITEMS.finditer(archive.read(name).decode(errors="replace")):
            if token["item"]:
                number, label = -1, ""
            elif token["id"]:
                number = int(token["id"])
            elif token["key"] == "name" or not label:
                label = _unquoted(token["one"] if token["one"] is not None else token["two"])
            if number >= 0 and label:
                names[number] = label
    return names


def _unquoted(text: str) -> str:
    return _ESCAPES.sub(lambda match: _LETTERS.get(match[1]) or _letter(match[1]), text)


def _letter(raw: str) -> str:
    return chr(int(raw, 8)) if raw[0] in "01234567" else raw


class _Example:
    """A record: an image and its objects."""

    def __init__(self, where: str, raw: Features, names: dict[int, str], collector: ObjectCollector) -> None:
        self._where = where
        self._features = raw
        self._names = names
        self._collector = collector

    def objects(self) -> Iterator[Parsed]:
        """The objects of the record."""
        path = self._text("image/filename") or self._text("image/source_id")
        if path is None:
            raise ReaderError("field_missing", field="image/filename")
        matched = self._collector.match(path, None, f"{self._where}, {path}")
        edges = [self._listed(f"image/object/bbox/{edge}") for edge in _EDGES]
        masks, scores = self._listed("image/object/mask"), self._listed("image/object/score")
        for at, corners in enumerate(list(zip(*edges, strict=True))):
            where = f"{self._where}, object {at + 1}"
            try:
                mask = masks[at] if at < len(masks) else b""
                geometry = self._pixels(mask, matched) if mask else self._box(corners, matched)
                score = scores[at] if at < len(scores) else None
                yield from self._collector.add(matched, self._class(at), Detection(where, geometry, score=score))
            except MALFORMED as error:
                yield skipped_for(where, error)

    def _listed(self, name: str) -> Sequence[Any]:
        return self._features.get(name, [])

    def _text(self, name: str) -> str | None:
        values = self._listed(name)
        return values[0].decode(errors="replace") if values and isinstance(values[0], bytes) and values[0] else None

    def _class(self, at: int) -> str:
        names, numbers = self._listed("image/object/class/text"), self._listed("image/object/class/label")
        if at < len(names) and names[at]:
            return str(names[at].decode(errors="replace"))
        number = numbers[at]
        if number not in self._names:
            raise ReaderError("no_such_class_in", number=str(number), file="label map")
        return self._names[number]

    def _box(self, corners: Sequence[float], matched: MatchedFrame | UnmatchedFrame) -> Box:
        width, height = self._size(matched)
        x1, y1, x2, y2 = corners
        return Box(x1=x1 * width, y1=y1 * height, x2=x2 * width, y2=y2 * height)

    def _size(self, matched: MatchedFrame | UnmatchedFrame) -> tuple[int, int]:
        """The size of the image, to which coordinates are relative."""
        if isinstance(matched, MatchedFrame) and matched.medium.width and matched.medium.height:
            return matched.medium.width, matched.medium.height
        if isinstance(matched, UnmatchedFrame):
            return 1, 1
        return int(self._listed("image/width")[0]), int(self._listed("image/height")[0])

    def _pixels(self, mask: bytes, matched: MatchedFrame | UnmatchedFrame) -> Bitmap:
        image = decode_image(mask)
        if image.ndim == 3:
            image = image.max(axis=2)
        width, height = self._size(matched)
        if isinstance(matched, MatchedFrame) and (height, width) != image.shape:
            raise ReaderError(
                "mask_size_differs", width=image.shape[1], height=image.shape[0], image_width=width, image_height=height
            )
        bitmap = encode_bitmap(np.ascontiguousarray(image != 0))
        if not bitmap.width:
            raise ReaderError("mask_empty")
        return bitmap
