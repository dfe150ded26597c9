"""Reader of ICDAR Localization 1.0: boxes and polygons with their text, one file per image.

A line has four numbers for a box or more for a polygon, and optional text in quotes. Files of the ICDAR challenges have
unquoted text after eight numbers.
"""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from common.geometry.types import Box, Geometry, Part, Polygon
from export.formats.icdar.reader import CLASS, first_row, rows, without_subset
from export.parsing.archive_reader import ArchiveReader
from export.parsing.detections import Detection
from export.parsing.media_index import MediaIndex
from export.parsing.object_collector import ObjectCollector
from export.parsing.reader import Parsed, Reader
from export.parsing.reasons import MALFORMED, ReaderError, skipped_for

_FILE = re.compile(r"(?P<folder>(?:.*/)?)gt_(?P<name>[^/]+)\.txt", re.IGNORECASE)
_SEPARATOR = re.compile(r"[,\s]+")
_BOX, _SMALLEST_POLYGON, _QUADRANGLE = 4, 6, 8
_LOOKED_AT = 5


class _Row(NamedTuple):
    numbers: list[float]
    text: str | None


def read(archive: ArchiveReader, media: MediaIndex) -> Iterator[Parsed]:
    """One object per line."""
    collector = ObjectCollector(media)
    for name in archive.names_ending(".txt"):
        if match := _FILE.fullmatch(name):
            matched = collector.match(without_subset(match["folder"] + match["name"]), None, name)
            for where, line in rows(archive, name):
                if not line:
                    continue
                try:
                    yield from collector.add(matched, CLASS, _detection(where, _row(line)))
                except MALFORMED as error:
                    yield skipped_for(where, error)
    yield from collector.finish()


def detect(archive: ArchiveReader) -> float:
    """Files named `gt_*.txt` that start with numbers."""
    files = [name for name in archive.names_ending(".txt") if _FILE.fullmatch(name)][:_LOOKED_AT]
    lines = [line for name in files if (line := first_row(archive, name)) is not None]
    if not all(len(_row(line).numbers) >= _BOX for line in lines):
        return 0.0
    return 0.9 if lines else 0.6 if files else 0.0


READER = Reader(read, detect)


def _detection(where: str, row: _Row) -> Detection:
    return Detection(where, _geometry(row.numbers), attributes={} if row.text is None else {"text": row.text})


def _row(line: str) -> _Row:
    """The numbers and the text of a line."""
    head, quote, text = line.partition('"')
    cells = [cell for cell in _SEPARATOR.split(head) if cell]
    numbers = _numbers(cells)
    if len(numbers) == len(cells) and quote:
        return _Row(numbers, text.removesuffix('"'))
    separator = "," if "," in line else " "
    cells = line.split(separator)
    numbers = _numbers(cells)
    if len(numbers) == len(cells) and not len(numbers) % 2:
        return _Row(numbers, None)
    count = _QUADRANGLE if len(numbers) >= _QUADRANGLE else _BOX
    return _Row(numbers[:count], separator.join(cells[count:]).strip())


def _numbers(cells: Sequence[str]) -> list[float]:
    """The leading numbers of a line."""
    numbers = []
    for cell in cells:
        try:
            numbers.append(float(cell))
        except ValueError:
            break
    return numbers


def _geometry(numbers: Sequence[float]) -> Geometry:
    if len(numbers) == _BOX:
        x1, y1, x2, y2 = numbers
        return Box(x1=x1, y1=y1, x2=x2, y2=y2)
    if len(numbers) < _SMALLEST_POLYGON or len(numbers) % 2:
        raise ReaderError("values_count_wrong", count=len(numbers), expected="4, 6, 8, …")
    points = list(zip(numbers[::2], numbers[1::2], strict=True))
    if len(numbers) == _QUADRANGLE and points[-1] == points[-2]:
        # A triangle: its last corner is repeated, because readers take three corners for a box.
        points.pop()
    return Polygon(parts=[Part(outer=points)])
