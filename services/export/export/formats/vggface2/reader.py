"""The way in of VGGFace2 1.0: a face a picture, its box and its five landmarks in a table each.

`NAME_ID` is `<label>/<picture without suffix>`. The label is the class of box and landmarks; where there are none, it
is a label of the picture.
"""

import re
from collections.abc import Iterator, Sequence

from common.geometry.types import Box, Geometry, ImageTag, Points
from export.parsing.archive_reader import Bundle
from export.parsing.csv_rows import csv_rows
from export.parsing.detections import Sighting
from export.parsing.frames import Frames
from export.parsing.matching import Media
from export.parsing.reader import Found, Reader
from export.parsing.reasons import MALFORMED, ReaderError, skipped_for

NO_LABEL, NOBODY = "no_label", "face"
HEAD = "NAME_ID"
_BOXES = re.compile(r"(?:.*/)?loose_bb_[^/]*\.csv", re.IGNORECASE)
_LANDMARKS = re.compile(r"(?:.*/)?loose_landmark_[^/]*\.csv", re.IGNORECASE)
LANDMARKS = 5


def read(bundle: Bundle, media: Media) -> Iterator[Found]:
    """The faces of all pictures."""
    faces = _Faces(bundle, Frames(media))
    tables = bundle.ending(".csv")
    # Landmarks come last, as they know of every picture whether it has a box.
    for name in (one for one in tables if _BOXES.fullmatch(one)):
        yield from faces.rows(name, 4)
    for name in (one for one in tables if _LANDMARKS.fullmatch(one)):
        yield from faces.rows(name, 2 * LANDMARKS)
    yield from faces.frames.all_ended()


def recognize(bundle: Bundle) -> float:
    """A table of the name and with the head that only this format has."""
    tables = (one for one in bundle.ending(".csv") if _BOXES.fullmatch(one) or _LANDMARKS.fullmatch(one))
    first = next(tables, None)
    return 0.95 if first is not None and HEAD.encode() in bundle.beginning(first)[:64] else 0.0


READER = Reader(read, recognize)


class _Faces:
    """The faces of an archive."""

    def __init__(self, bundle: Bundle, frames: Frames) -> None:
        self._bundle = bundle
        self.frames = frames
        self._boxed: set[str] = set()

    def rows(self, name: str, numbers: int) -> Iterator[Found]:
        """The boxes or landmarks in a table, whose rows have so many numbers."""
        for number, row in csv_rows(self._bundle.read(name)):
            if row and row[0].strip() == HEAD:
                continue
            where = f"{name}, row {number}"
            try:
                yield from self._face(where, row, numbers)
            except MALFORMED as error:
                yield skipped_for(where, error)

    def _face(self, where: str, row: Sequence[str], numbers: int) -> Iterator[Found]:
        picture = row[0].replace("\\", "/")
        label, slash, path = picture.partition("/")
        place = self.frames.place(f"{path if slash else label}.jpg", None, picture)
        category = label if slash and label != NO_LABEL else None
        told = [float(cell) for cell in row[1:] if cell.strip()]
        if told and len(told) != numbers:
            raise ReaderError("values_count_wrong", count=len(told), expected=numbers)
        if told:
            if numbers == 4:
                self._boxed.add(picture)
            yield from self.frames.see(place, category or NOBODY, Sighting(where, _shape(told)))
        elif category is not None and picture not in self._boxed:
            yield from self.frames.see(place, category, Sighting(where, ImageTag()), track="label")


def _shape(told: Sequence[float]) -> Geometry:
    if len(told) > 4:
        return Points(points=list(zip(told[::2], told[1::2], strict=True)))
    x, y, width, height = told
    return Box(x1=x, y1=y, x2=x + width, y2=y + height)
