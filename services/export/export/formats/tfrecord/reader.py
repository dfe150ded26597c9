"""The way in of TFRecord 1.0: boxes and masks of records as TensorFlow's object detection has them.

Tracks are none; what is seen on each frame is an object of its own.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from common.geometry.masks import encode_bitmap
from common.geometry.types import Bitmap, Box
from export.codecs.tfrecord import begins_records
from export.formats.tfrecord.reader_examples import Features, features, records
from export.parsing.archive_reader import Bundle
from export.parsing.detections import Sighting
from export.parsing.frames import Frames, Missing
from export.parsing.images import picture
from export.parsing.matching import Media, Place
from export.parsing.reader import Found, Reader
from export.parsing.reasons import MALFORMED, ReaderError, skipped_for

_SIDES = ("xmin", "ymin", "xmax", "ymax")
_NAMES = re.compile(r"\.(tf_?records?|record)(-\d+-of-\d+)?$|-\d{5}-of-\d{5}$", re.IGNORECASE)
# Within an item of a label map: its beginning, its number or its name.
_ITEMS = re.compile(
    r"(?P<item>item\s*\{)|\bid\s*:\s*(?P<id>\d{1,9})|\b(?P<key>display_name|name)\s*:\s*"
    r"(?:'(?P<one>(?:[^'\\]|\\.)*)'|\"(?P<two>(?:[^\"\\]|\\.)*)\")",
    re.DOTALL,
)
_ESCAPES = re.compile(r"\\([0-7]{1,3}|.)", re.DOTALL)
_LETTERS = {"n": "\n", "r": "\r", "t": "\t"}


def read(bundle: Bundle, media: Media) -> Iterator[Found]:
    """The objects of every record."""
    frames = Frames(media)
    names = _label_map(bundle)
    for name in _files(bundle):
        for number, record in enumerate(records(bundle.read(name)), 1):
            where = f"{name}, record {number}"
            try:
                if record.error is not None:
                    raise record.error
                yield from _Example(where, features(record.payload), names, frames).objects()
            except MALFORMED as error:
                yield skipped_for(where, error)
    yield from frames.all_ended()


def recognize(bundle: Bundle) -> float:
    """A file that begins with a record; its checksum is no accident."""
    files = _files(bundle)
    return 1.0 if files and begins_records(bundle.beginning(files[0])) else 0.0


READER = Reader(read, recognize)


def _files(bundle: Bundle) -> list[str]:
    listed = list(bundle.names)
    return listed if len(listed) == 1 else [name for name in listed if _NAMES.search(name)]


def _label_map(bundle: Bundle) -> dict[int, str]:
    """The names of classes by their numbers."""
    found: dict[int, str] = {}
    for name in bundle.ending(".pbtxt")[:1]:
        number, called = -1, ""
        for token in _ITEMS.finditer(bundle.read(name).decode(errors="replace")):
            if token["item"]:
                number, called = -1, ""
            elif token["id"]:
                number = int(token["id"])
            elif token["key"] == "name" or not called:
                called = _unquoted(token["one"] if token["one"] is not None else token["two"])
            if number >= 0 and called:
                found[number] = called
    return found


def _unquoted(text: str) -> str:
    return _ESCAPES.sub(lambda found: _LETTERS.get(found[1]) or _letter(found[1]), text)


def _letter(told: str) -> str:
    return chr(int(told, 8)) if told[0] in "01234567" else told


class _Example:
    """One record: a picture and what is seen on it."""

    def __init__(self, where: str, told: Features, names: dict[int, str], frames: Frames) -> None:
        self._where = where
        self._told = told
        self._names = names
        self._frames = frames

    def objects(self) -> Iterator[Found]:
        """What is seen on it."""
        path = self._text("image/filename") or self._text("image/source_id")
        if path is None:
            raise ReaderError("field_missing", field="image/filename")
        place = self._frames.place(path, None, f"{self._where}, {path}")
        sides = [self._listed(f"image/object/bbox/{side}") for side in _SIDES]
        masks, scores = self._listed("image/object/mask"), self._listed("image/object/score")
        for at, corners in enumerate(list(zip(*sides, strict=True))):
            where = f"{self._where}, object {at + 1}"
            try:
                mask = masks[at] if at < len(masks) else b""
                geometry = self._pixels(mask, place) if mask else self._box(corners, place)
                score = scores[at] if at < len(scores) else None
                yield from self._frames.see(place, self._class(at), Sighting(where, geometry, score=score))
            except MALFORMED as error:
                yield skipped_for(where, error)

    def _listed(self, name: str) -> Sequence[Any]:
        return self._told.get(name, [])

    def _text(self, name: str) -> str | None:
        found = self._listed(name)
        return found[0].decode(errors="replace") if found and isinstance(found[0], bytes) and found[0] else None

    def _class(self, at: int) -> str:
        called, numbers = self._listed("image/object/class/text"), self._listed("image/object/class/label")
        if at < len(called) and called[at]:
            return str(called[at].decode(errors="replace"))
        number = numbers[at]
        if number not in self._names:
            raise ReaderError("no_such_class_in", number=str(number), file="label map")
        return self._names[number]

    def _box(self, corners: Sequence[float], place: Place | Missing) -> Box:
        width, height = self._size(place)
        x1, y1, x2, y2 = corners
        return Box(x1=x1 * width, y1=y1 * height, x2=x2 * width, y2=y2 * height)

    def _size(self, place: Place | Missing) -> tuple[int, int]:
        """The picture's, of which corners are shares."""
        if isinstance(place, Place) and place.medium.width and place.medium.height:
            return place.medium.width, place.medium.height
        if isinstance(place, Missing):
            return 1, 1
        return int(self._listed("image/width")[0]), int(self._listed("image/height")[0])

    def _pixels(self, mask: bytes, place: Place | Missing) -> Bitmap:
        found = picture(mask)
        if found.ndim == 3:
            found = found.max(axis=2)
        width, height = self._size(place)
        if isinstance(place, Place) and (height, width) != found.shape:
            raise ReaderError(
                "mask_size_differs", width=found.shape[1], height=found.shape[0], image_width=width, image_height=height
            )
        bitmap = encode_bitmap(np.ascontiguousarray(found != 0))
        if not bitmap.width:
            raise ReaderError("mask_empty")
        return bitmap
