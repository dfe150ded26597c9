"""LabelMe 3.0: the XML of the original LabelMe, one file per frame.

`<subset>/<frame>.xml` and `<subset>/<frame>.jpg`, and `<subset>/Masks/<frame>_mask_<n>.png` for masks, which are yellow
inside the object and transparent outside. Coordinates have two decimals. A box is a polygon of four points with the
`type` `bounding_box`; a rotated box is a plain polygon. `parts` connects the parts of a polygon and the objects of a
group: the first object on a frame lists the others. `attributes` is a list `name=value, name=value` in which a
backslash escapes `\\`, `=`, `"` and `,`, and texts that look like a number or boolean are quoted; it includes `type`
and, in videos, `track_id` and `keyframe`.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import count
from pathlib import PurePosixPath
from typing import Any, NamedTuple

import numpy as np

from common.geometry.boxes import corners
from common.geometry.types import Bitmap, Box, Circle, Ellipse, Point, Polygon
from export.codecs.png import RGBA, png
from export.codecs.zip import Entry
from export.dataset.dataset import Dataset
from export.dataset.ellipse_polygons import ellipse_contour
from export.dataset.image_ids import ImageIds
from export.dataset.label_maps import rasterize_shapes
from export.dataset.labels import Labels
from export.dataset.rows import NOTHING
from export.dataset.shapes import Frame, Shape
from export.dataset.xml_text import value_text, xml_text
from export.formats.image_entries import image_entries

BUILT_IN = frozenset({"type", "occluded", "track_id", "keyframe"})
_MASKS = "Masks"
_YELLOW = np.array([(0, 0, 0, 0), (255, 203, 0, 153)], np.uint8)
_SPECIAL = re.compile(r'[\\=",]')
_LIKE_VALUE = re.compile(r"\s*(?:[-+]?(?:\d|\.\d|inf|nan).*|true|false)?\s*", re.IGNORECASE | re.DOTALL)


def write(dataset: Dataset) -> Iterator[Entry]:
    """The archive's entries."""
    ids, first_track = ImageIds(dataset.media, dataset.report, safe=_outside_masks), 0
    for labels in dataset.labels():
        frames = _Frames(labels, ids, first_track)
        for frame in labels.frames():
            yield from frames.entries(frame)
        first_track += len(labels.objects)
    yield from image_entries(dataset, lambda medium, frame: f"{medium.subset}/{ids.file(medium, frame)}")


class _Piece(NamedTuple):
    """An object in a frame's file: its geometry as XML, and its group."""

    shape: Shape
    xml: str
    group: object


class _Frames:
    """Writes the files of one medium."""

    def __init__(self, labels: Labels, ids: ImageIds, first_track: int) -> None:
        self._medium = labels.medium
        self._report = labels.report
        self._ids = ids
        self._first_track = first_track
        self._is_video = labels.medium.kind == "video"

    def entries(self, frame: Frame) -> Iterator[Entry]:
        """The file of a frame, and its masks."""
        pieces: list[_Piece] = []
        item, masks = self._ids.of(self._medium, frame.number), count()
        for shape in frame.shapes:
            polygons = _polygons(shape)
            if polygons is None:
                name = f"{PurePosixPath(item).name}_mask_{next(masks)}.png"
                mask = self._mask(shape, f"{self._medium.subset}/{PurePosixPath(_MASKS, item).parent}/{name}")
                if mask is not None:
                    entry, xml = mask
                    yield entry
                    pieces.append(_Piece(shape, xml, shape.object.state.group))
                continue
            self._report.add(NOTHING, not polygons)
            group = shape.object.state.group or (("parts of", shape.object_index) if len(polygons) > 1 else None)
            pieces += [_Piece(shape, xml, group) for xml in polygons]
        yield Entry.of(f"{self._medium.subset}/{item}.xml", self._document(frame.number, pieces).encode())

    def _mask(self, shape: Shape, name: str) -> tuple[Entry, str] | None:
        label_map = rasterize_shapes([shape], self._medium, self._report)
        if label_map is None:
            return None
        rows, columns = (np.flatnonzero(label_map.numbers.any(axis=axis)) for axis in (1, 0))
        box = (
            f"<xmin>{columns[0]}</xmin><ymin>{rows[0]}</ymin><xmax>{columns[-1] + 1}</xmax><ymax>{rows[-1] + 1}</ymax>"
        )
        pixels = label_map.rows(_YELLOW)
        entry = Entry(name, png(pixels, label_map.width, label_map.height, RGBA), packed=True)
        file = xml_text(PurePosixPath(name).name, self._report)
        return entry, f"<segm><mask>{file}</mask><box>{box}</box><username></username></segm>\n"

    def _document(self, frame: int, pieces: Sequence[_Piece]) -> str:
        path = PurePosixPath(self._ids.file(self._medium, frame))
        folder = "" if str(path.parent) == "." else str(path.parent)
        members: dict[object, list[int]] = {}
        for number, piece in enumerate(pieces):
            if piece.group is not None:
                members.setdefault(piece.group, []).append(number)
        objects = (self._object(number, piece, members.get(piece.group, ())) for number, piece in enumerate(pieces))
        return (
            f"<annotation>\n<filename>{self._text(path.name)}</filename>\n<folder>{self._text(folder)}</folder>\n"
            "<source><sourceImage></sourceImage><sourceAnnotation></sourceAnnotation></source>\n"
            f"<imagesize><nrows>{self._medium.height}</nrows><ncols>{self._medium.width}</ncols></imagesize>\n"
            f"{''.join(objects)}</annotation>\n"
        )

    def _object(self, number: int, piece: _Piece, members: Sequence[int]) -> str:
        shape = piece.shape
        others = ",".join(str(member) for member in members[1:]) if members and members[0] == number else ""
        first = str(members[0]) if members and members[0] != number else ""
        is_box = isinstance(shape.geometry, tuple) and not shape.geometry[4]
        kind = "<type>bounding_box</type>\n" if is_box else ""
        return (
            f"<object>\n<name>{self._text(shape.object.category)}</name>\n<deleted>0</deleted>\n<verified>0</verified>\n"
            f"<occluded>{'yes' if shape.occluded else 'no'}</occluded>\n<date></date>\n<id>{number}</id>\n"
            f"<parts><hasparts>{others}</hasparts><ispartof>{first}</ispartof></parts>\n"
            f"{kind}{piece.xml}"
            f"<attributes>{self._text(attribute_list(self._attributes(shape)))}</attributes>\n</object>\n"
        )

    def _attributes(self, shape: Shape) -> Iterable[tuple[str, Any]]:
        yield from ((name, value) for name, value in shape.attributes.items() if name not in BUILT_IN)
        if shape.object.type is not None:
            yield "type", shape.object.type
        if self._is_video:
            yield "track_id", self._first_track + shape.object_index
            yield "keyframe", shape.is_key

    def _text(self, value: str) -> str:
        return xml_text(value, self._report)


def attribute_list(attributes: Iterable[tuple[str, Any]]) -> str:
    """The attributes as one text from which names, values and their types can be restored."""
    return ", ".join(f"{_escaped(name)}={_value(value)}" for name, value in attributes)


def _value(value: Any) -> str:
    if not isinstance(value, str):
        return value_text(value)
    return f'"{_escaped(value)}"' if _LIKE_VALUE.fullmatch(value) or value != value.strip() else _escaped(value)


def _escaped(text: str) -> str:
    return _SPECIAL.sub(r"\\\g<0>", text)


def _polygons(shape: Shape) -> list[str] | None:
    """The polygons of a shape; None if it must be written as a mask."""
    match shape.geometry:
        case (x1, y1, x2, y2, rotation):
            rings = [corners(Box.model_construct(x1=x1, y1=y1, x2=x2, y2=y2, rotation=rotation))]
        case Circle() | Ellipse():
            rings = [ellipse_contour(shape.geometry)]
        case Polygon() if not any(part.holes for part in shape.geometry.parts):
            rings = [part.outer for part in shape.geometry.parts]
        case Bitmap() | Polygon():
            return None
        case _:
            rings = []
    return [_polygon(ring) for ring in rings if len(ring) > 2]


def _polygon(ring: Sequence[Point]) -> str:
    points = "".join(["<pt><x>%.2f</x><y>%.2f</y></pt>\n" % (x, y) for x, y in ring])  # noqa: UP031  faster
    return f"<polygon>\n{points}<username></username>\n</polygon>\n"


def _outside_masks(path: str) -> str:
    """The path, renamed if it would be in the folder of masks."""
    return f"_{path}" if path.casefold().startswith(f"{_MASKS.casefold()}/") else path
