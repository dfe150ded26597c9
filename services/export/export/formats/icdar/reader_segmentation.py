"""Reader of ICDAR Segmentation 1.0: character masks, grouped into words.

A line has the color of a character in the mask image, optionally its center, its box and its text; without a mask
image, the character is its box. The order becomes the attribute `index`; characters between empty lines are a group.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from common.geometry.types import Bitmap, Box, Geometry
from common.service.ids import stable_id
from export.formats.icdar.reader import CLASS, first_row, rows, without_subset
from export.parsing.archive_reader import ArchiveReader
from export.parsing.detections import Detection
from export.parsing.label_images import bitmaps_by_number, color_numbers, decode_image
from export.parsing.media_index import MatchedFrame, MediaIndex
from export.parsing.object_collector import ObjectCollector
from export.parsing.reader import Parsed, Reader
from export.parsing.reasons import MALFORMED, ReaderError, skipped_for

_END = "_gt.txt"
_FIELDS = 9
_WHITE = 0xFFFFFF


class _Line(NamedTuple):
    """A non-empty line; `group` counts the empty lines before it."""

    where: str
    text: str
    group: int


def read(archive: ArchiveReader, media: MediaIndex) -> Iterator[Parsed]:
    """The characters of every frame."""
    collector = ObjectCollector(media)
    masks = {name[:-4].lower(): name for name in archive.names_ending("_gt.bmp", "_gt.png")}
    for name in archive.names_ending(_END):
        mask = masks.get(name[:-4].lower())
        try:
            pixels = None if mask is None else _pixels(archive.read(mask))
        except MALFORMED as error:
            yield skipped_for(str(mask), error)
            continue
        yield from _characters(archive, name, pixels, collector)
    yield from collector.finish()


def detect(archive: ArchiveReader) -> float:
    """Files named `*_gt.txt` with mask images, or with enough fields per line."""
    files = archive.names_ending(_END)
    lines = [line for name in files[:5] if (line := first_row(archive, name)) is not None]
    if not all(len(line.split()) >= _FIELDS for line in lines):
        return 0.0
    return 0.95 if lines or (files and archive.names_ending("_gt.bmp")) else 0.7 if files else 0.0


READER = Reader(read, detect)


def _pixels(content: bytes) -> Mapping[int, Bitmap]:
    """The pixels of each color except white."""
    image = decode_image(content)
    colors = color_numbers(image) if image.ndim == 3 else image.astype("uint32") * 0x010101
    return {number ^ _WHITE: pixels for number, pixels in bitmaps_by_number(colors ^ _WHITE)}


def _characters(
    archive: ArchiveReader, name: str, pixels: Mapping[int, Bitmap] | None, collector: ObjectCollector
) -> Iterator[Parsed]:
    matched = collector.match(without_subset(name[: -len(_END)]), None, name)
    lines = list(_lines(archive, name))
    sizes = Counter(line.group for line in lines)
    for index, line in enumerate(lines):
        group = None
        if isinstance(matched, MatchedFrame) and sizes[line.group] > 1:
            group = stable_id("group", matched.medium.id, matched.frame, name, line.group)
        try:
            yield from collector.add(matched, CLASS, _detection(line, index, pixels), group=group)
        except MALFORMED as error:
            yield skipped_for(line.where, error)


def _lines(archive: ArchiveReader, name: str) -> Iterator[_Line]:
    group = 0
    for where, text in rows(archive, name):
        group += not text
        if text:
            yield _Line(where, text, group)


def _detection(line: _Line, index: int, pixels: Mapping[int, Bitmap] | None) -> Detection:
    is_blank = line.text.startswith("#")
    fields = line.text.lstrip("#").split(None, _FIELDS)
    if len(fields) < _FIELDS:
        raise ReaderError("values_too_few", count=len(fields), minimum=_FIELDS)
    color = [int(part) for part in fields[:3]]
    if not all(0 <= part < 256 for part in color):
        raise ReaderError("color_out_of_range")
    attributes: dict[str, Any] = {"index": float(index), "color": " ".join(map(str, color))}
    if text := " " if is_blank else _unquoted(fields[_FIELDS] if len(fields) > _FIELDS else ""):
        attributes["text"] = text
    if fields[3:5] != ["-", "-"]:
        attributes["center"] = " ".join(fields[3:5])
    return Detection(line.where, _geometry(color, fields[5:_FIELDS], pixels), attributes=attributes)


def _unquoted(text: str) -> str:
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] == '"' else text


def _geometry(color: list[int], box: list[str], pixels: Mapping[int, Bitmap] | None) -> Geometry:
    if pixels is None:
        x1, y1, x2, y2 = map(float, box)
        return Box(x1=x1, y1=y1, x2=x2, y2=y2)
    red, green, blue = color
    bitmap = pixels.get(red << 16 | green << 8 | blue)
    if bitmap is None:
        raise ReaderError("color_not_in_image")
    return bitmap
