"""ezLabel CSV: a table for spreadsheets, one row for each object on each frame.

`annotations.csv` (UTF-8, RFC 4180), and with pictures `images/<file>`, or `images/<video>/frame_000000.jpg` and on.
Frames, and objects of a file, count from 1; `file` is its path in the archive. `xmin` … `ymax` are the box, which is
around other shapes; coordinates are pixels from 0 with exclusive ends.

`points` are `x y;x y`, the parts of a polygon apart by `|`, a hole after its part with `!` before it. A bitmap is its
outline along the pixels' edges; a box that is turned has its corners; a circle its centre and its rightmost point; an
ellipse its centre and the ends of both half axes. A label of a whole file has a row for each frame on which it holds.

`attributes` are `name=value;name=value`, with `occluded=true` among them; a backslash stands before `\\`, `;` and `=`
in names and values. Behaviours are those of the row's frame, several apart by `;` in all four columns. A text that a
spreadsheet would take for a formula has a tab before it.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from common.contract.labels import Keyframe
from common.geometry.bounds import bounds
from common.service.csv import csv_chunks, guard_formula
from export.codecs.zip import Entry
from export.dataset.behaviors import count_unseen
from export.dataset.dataset import Dataset
from export.dataset.labels import Labels
from export.dataset.objects import LabelObject
from export.dataset.point_lists import point_lists
from export.dataset.shapes import MediumLabel, Shape
from export.dataset.texts import two_decimals
from export.dataset.track import Corners
from export.dataset.xml_text import value_text
from export.formats.ezlabel.writer_json import ANNOTATION_TYPES

HEAD = (
    "file,frame,time_s,object_id,mission,category,type,attributes,annotation_type,xmin,ymin,xmax,ymax,points,is_key,"
    "source,score,behavior_type,behavior_attribute,behavior_first,behavior_last"
)
Row = list[Any]


def write(dataset: Dataset) -> Iterator[Entry]:
    """The archive's entries."""
    yield Entry("annotations.csv", csv_chunks(_rows(dataset)))
    for medium, picture in dataset.images():
        name = f"images/{medium.frame_path(picture.frame)}"
        yield Entry(name, picture.chunks, picture.size_bytes, packed=True)


def _rows(dataset: Dataset) -> Iterator[Row]:
    yield HEAD.split(",")
    for labels in dataset.labels():
        count_unseen(labels)
        for frame in labels.frames():
            for shape in frame.shapes:
                row = _shape_row(shape, labels)
                if row is not None:
                    yield row
            for number, label in enumerate(labels.medium_labels, len(labels.objects) + 1):
                if label.holds(frame.number):
                    yield _label_row(number, label, frame.number, labels)


def _shape_row(shape: Shape, labels: Labels) -> Row | None:
    place = _place(shape, labels)
    if place is None:
        return None
    attributes = _said(shape.attributes, is_occluded=shape.occluded)
    beside = [int(shape.is_key), "interpolated" if not shape.is_key else shape.source, _score(shape.score)]
    head = _head(shape.object_index + 1, shape.object, shape.frame, labels, attributes)
    return [*head, *place, *beside, *_behaviors(shape.object, shape.frame)]


def _label_row(number: int, label: MediumLabel, frame: int, labels: Labels) -> Row:
    before = [keyframe for keyframe in label.keyframes if keyframe.frame <= frame]
    key: Keyframe = before[-1]
    attributes: dict[str, Any] = dict(label.object.attributes)
    for keyframe in before:
        attributes |= label.object.resolved_class.named(keyframe.attributes)
    score = label.object.state.score if key.score is None else key.score
    head = _head(number, label.object, frame, labels, _said(attributes, is_occluded=key.occluded))
    return [*head, *[""] * 5, int(key.frame == frame), key.source, _score(score), *_behaviors(label.object, frame)]


def _said(attributes: Mapping[str, Any], *, is_occluded: bool) -> Mapping[str, Any]:
    """The attributes, and among them that something is occluded: none of its own can be called so."""
    found = {name: value for name, value in attributes.items() if name != "occluded"}
    return {**found, "occluded": True} if is_occluded else found


def _head(number: int, found: LabelObject, frame: int, labels: Labels, attributes: Mapping[str, Any]) -> Row:
    medium = labels.medium
    said = ";".join(f"{_escaped(name)}={_escaped(value_text(value))}" for name, value in attributes.items())
    return [
        guard_formula(medium.path),
        frame + 1,
        f"{frame / medium.fps:.3f}",
        number,
        guard_formula(found.mission),
        guard_formula(found.category),
        guard_formula(found.type or ""),
        guard_formula(said),
        ANNOTATION_TYPES[found.kind],
    ]


def _place(shape: Shape, labels: Labels) -> Row | None:
    """The five columns that tell where it is; None if that cannot be told."""
    geometry = shape.geometry
    if isinstance(geometry, tuple) and not geometry[4]:
        return [*map(two_decimals, geometry[:4]), ""]
    lists = point_lists(geometry, labels.report)
    if lists is None:
        return None
    box: Corners | tuple[float, ...] | None = geometry if isinstance(geometry, tuple) else bounds(geometry)
    points = "|".join(("!" if is_hole else "") + _points(ring) for is_hole, ring in lists)
    return [*(map(two_decimals, box[:4]) if box else [""] * 4), guard_formula(points)]


def _points(ring: Sequence[Sequence[float]]) -> str:
    return ";".join(f"{two_decimals(x)} {two_decimals(y)}" for x, y in ring)


def _behaviors(found: LabelObject, frame: int) -> list[str]:
    """The four columns of those that an object shows on a frame."""
    shown = [one for one in found.state.behaviors if one.first <= frame <= one.last]
    columns = (
        (_escaped(found.resolved_class.behaviors.of(one.name)) for one in shown),
        (_escaped(one.attribute or "") for one in shown),
        (str(one.first + 1) for one in shown),
        (str(one.last + 1) for one in shown),
    )
    return [guard_formula(";".join(column)) for column in columns]


def _score(score: float | None) -> str:
    return "" if score is None else f"{score:.6g}"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace(";", "\\;").replace("=", "\\=")
