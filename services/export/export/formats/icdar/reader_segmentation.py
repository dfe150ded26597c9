"""The way in of ICDAR Segmentation 1.0: characters as pixels, in words.

A line says the colour of a character in the picture beside it, maybe its centre, its box and what it is; where there is
no picture, the character is its box. Their order becomes the attribute `index`; lines without an empty one between
them are a group.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from common.geometry.types import Bitmap, Box, Geometry
from common.service.ids import stable_id
from export.formats.icdar.reader import CLASS, first_row, rows, without_subset
from export.parsing.archive_reader import Bundle
from export.parsing.detections import Sighting
from export.parsing.frames import Frames
from export.parsing.images import bitmaps_of, numbers_of, picture
from export.parsing.matching import Media, Place
from export.parsing.reader import Found, Reader
from export.parsing.reasons import MALFORMED, ReaderError, skipped_for

_END = "_gt.txt"
_FIELDS = 9
_WHITE = 0xFFFFFF


class _Line(NamedTuple):
    """A line that is not empty; `group` is the number of empty ones before it."""

    where: str
    text: str
    group: int


def read(bundle: Bundle, media: Media) -> Iterator[Found]:
    """The characters of every frame."""
    frames = Frames(media)
    pictures = {name[:-4].lower(): name for name in bundle.ending("_gt.bmp", "_gt.png")}
    for name in bundle.ending(_END):
        shown = pictures.get(name[:-4].lower())
        try:
            pixels = None if shown is None else _pixels(bundle.read(shown))
        except MALFORMED as error:
            yield skipped_for(str(shown), error)
            continue
        yield from _characters(bundle, name, pixels, frames)
    yield from frames.all_ended()


def recognize(bundle: Bundle) -> float:
    """Files with that end, and pictures beside them or lines with enough in them."""
    files = bundle.ending(_END)
    lines = [line for name in files[:5] if (line := first_row(bundle, name)) is not None]
    if not all(len(line.split()) >= _FIELDS for line in lines):
        return 0.0
    return 0.95 if lines or (files and bundle.ending("_gt.bmp")) else 0.7 if files else 0.0


READER = Reader(read, recognize)


def _pixels(content: bytes) -> Mapping[int, Bitmap]:
    """The pixels of each colour but white."""
    found = picture(content)
    colors = numbers_of(found) if found.ndim == 3 else found.astype("uint32") * 0x010101
    return {number ^ _WHITE: pixels for number, pixels in bitmaps_of(colors ^ _WHITE)}


def _characters(bundle: Bundle, name: str, pixels: Mapping[int, Bitmap] | None, frames: Frames) -> Iterator[Found]:
    place = frames.place(without_subset(name[: -len(_END)]), None, name)
    lines = list(_lines(bundle, name))
    sizes = Counter(line.group for line in lines)
    for index, line in enumerate(lines):
        group = None
        if isinstance(place, Place) and sizes[line.group] > 1:
            group = stable_id("group", place.medium.id, place.frame, name, line.group)
        try:
            yield from frames.see(place, CLASS, _sighting(line, index, pixels), group=group)
        except MALFORMED as error:
            yield skipped_for(line.where, error)


def _lines(bundle: Bundle, name: str) -> Iterator[_Line]:
    group = 0
    for where, text in rows(bundle, name):
        group += not text
        if text:
            yield _Line(where, text, group)


def _sighting(line: _Line, index: int, pixels: Mapping[int, Bitmap] | None) -> Sighting:
    is_blank = line.text.startswith("#")
    fields = line.text.lstrip("#").split(None, _FIELDS)
    if len(fields) < _FIELDS:
        raise ReaderError("values_too_few", count=len(fields), minimum=_FIELDS)
    color = [int(part) for part in fields[:3]]
    if not all(0 <= part < 256 for part in color):
        raise ReaderError("color_out_of_range")
    said: dict[str, Any] = {"index": float(index), "color": " ".join(map(str, color))}
    if text := " " if is_blank else _unquoted(fields[_FIELDS] if len(fields) > _FIELDS else ""):
        said["text"] = text
    if fields[3:5] != ["-", "-"]:
        said["center"] = " ".join(fields[3:5])
    return Sighting(line.where, _geometry(color, fields[5:_FIELDS], pixels), attributes=said)


def _unquoted(text: str) -> str:
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] == '"' else text


def _geometry(color: list[int], box: list[str], pixels: Mapping[int, Bitmap] | None) -> Geometry:
    if pixels is None:
        x1, y1, x2, y2 = map(float, box)
        return Box(x1=x1, y1=y1, x2=x2, y2=y2)
    red, green, blue = color
    found = pixels.get(red << 16 | green << 8 | blue)
    if found is None:
        raise ReaderError("color_not_in_image")
    return found
