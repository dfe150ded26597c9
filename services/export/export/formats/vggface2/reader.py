"""Reader of VGGFace2 1.0: one face per image, with a table of boxes and one of landmarks.

`NAME_ID` is `<label>/<image without suffix>`. The label is the class of the box and the landmarks; without them, it
labels the image.
"""

import re
from collections.abc import Iterator, Sequence

from common.geometry.types import Box, Geometry, ImageTag, Points
from export.parsing.archive_reader import ArchiveReader
from export.parsing.csv_rows import csv_rows
from export.parsing.detections import Detection
from export.parsing.media_index import MediaIndex
from export.parsing.object_collector import ObjectCollector
from export.parsing.reader import Parsed, Reader
from export.parsing.reasons import ReaderError, or_skipped

NO_LABEL, UNKNOWN = "no_label", "face"
HEAD = "NAME_ID"
_BOXES = re.compile(r"(?:.*/)?loose_bb_[^/]*\.csv", re.IGNORECASE)
_LANDMARKS = re.compile(r"(?:.*/)?loose_landmark_[^/]*\.csv", re.IGNORECASE)
LANDMARKS = 5


def read(archive: ArchiveReader, media: MediaIndex) -> Iterator[Parsed]:
    """The faces of all images."""
    faces = _Faces(archive, ObjectCollector(media))
    tables = archive.names_ending(".csv")
    # Landmarks come last, because their table lists every image, with or without a box.
    for name in (table for table in tables if _BOXES.fullmatch(table)):
        yield from faces.rows(name, 4)
    for name in (table for table in tables if _LANDMARKS.fullmatch(table)):
        yield from faces.rows(name, 2 * LANDMARKS)
    yield from faces.collector.finish()


def detect(archive: ArchiveReader) -> float:
    """A table with VGGFace2's name and header."""
    tables = (table for table in archive.names_ending(".csv") if _BOXES.fullmatch(table) or _LANDMARKS.fullmatch(table))
    first = next(tables, None)
    return 0.95 if first is not None and HEAD.encode() in archive.head(first)[:64] else 0.0


READER = Reader(read, detect)


class _Faces:
    """The faces of an archive."""

    def __init__(self, archive: ArchiveReader, collector: ObjectCollector) -> None:
        self._archive = archive
        self.collector = collector
        self._boxed: set[str] = set()

    def rows(self, name: str, numbers: int) -> Iterator[Parsed]:
        """The boxes or landmarks of a table, by the count of numbers per row."""
        for number, row in csv_rows(self._archive.read(name)):
            if row and row[0].strip() == HEAD:
                continue
            where = f"{name}, row {number}"
            yield from or_skipped(where, self._face, where, row, numbers)

    def _face(self, where: str, row: Sequence[str], numbers: int) -> Iterator[Parsed]:
        image = row[0].replace("\\", "/")
        label, slash, path = image.partition("/")
        matched = self.collector.match(f"{path if slash else label}.jpg", None, image)
        category = label if slash and label != NO_LABEL else None
        values = [float(cell) for cell in row[1:] if cell.strip()]
        if values and len(values) != numbers:
            raise ReaderError("values_count_wrong", count=len(values), expected=numbers)
        if values:
            if numbers == 4:
                self._boxed.add(image)
            yield from self.collector.add(matched, category or UNKNOWN, Detection(where, _shape(values)))
        elif category is not None and image not in self._boxed:
            yield from self.collector.add(matched, category, Detection(where, ImageTag()), track="label")


def _shape(raw: Sequence[float]) -> Geometry:
    if len(raw) > 4:
        return Points(points=list(zip(raw[::2], raw[1::2], strict=True)))
    x, y, width, height = raw
    return Box(x1=x, y1=y, x2=x + width, y2=y + height)
