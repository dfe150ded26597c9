"""ezLabel CSV: a table for spreadsheets, one row per object and frame.

`annotations.csv` (UTF-8, RFC 4180), and `images/<file>` or `images/<video>/frame_000000.jpg` and following. Frames, and
the objects of a file, count from 1; `file` is its path in the archive. `xmin` … `ymax` are the box or the bounding box
of other shapes; coordinates are pixels from 0 with exclusive ends.

`points` are `x y;x y`; polygon parts are separated by `|`, and a hole follows its part with a leading `!`. A bitmap is
its contour along pixel edges; a rotated box has its corners; a circle its center and its rightmost point; an ellipse
its center and the ends of both semi-axes. A label of a whole file has a row for each frame to which it applies.

`attributes` are `name=value;name=value`, including `occluded=true`; a backslash escapes `\\`, `;` and `=` in names and
values. Behaviors are those of the row's frame; several are separated by `;` in all four columns. A text that a
spreadsheet would take for a formula starts with a tab.
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
from export.formats.image_entries import image_entries

HEAD = (
    "file,frame,time_s,object_id,mission,category,type,attributes,annotation_type,xmin,ymin,xmax,ymax,points,is_key,"
    "source,score,behavior_type,behavior_attribute,behavior_first,behavior_last"
)
Row = list[Any]


def write(dataset: Dataset) -> Iterator[Entry]:
    """The archive's entries."""
    yield Entry("annotations.csv", csv_chunks(_rows(dataset)))
    yield from image_entries(dataset, lambda medium, frame: f"images/{medium.frame_path(frame)}")


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
    geometry = _geometry(shape, labels)
    if geometry is None:
        return None
    attributes = _with_occluded(shape.attributes, is_occluded=shape.occluded)
    state = [int(shape.is_key), "interpolated" if not shape.is_key else shape.source, _score(shape.score)]
    head = _head(shape.object_index + 1, shape.object, shape.frame, labels, attributes)
    return [*head, *geometry, *state, *_behaviors(shape.object, shape.frame)]


def _label_row(number: int, label: MediumLabel, frame: int, labels: Labels) -> Row:
    before = [keyframe for keyframe in label.keyframes if keyframe.frame <= frame]
    key: Keyframe = before[-1]
    attributes: dict[str, Any] = dict(label.object.attributes)
    for keyframe in before:
        attributes |= label.object.resolved_class.named(keyframe.attributes)
    score = label.object.state.score if key.score is None else key.score
    head = _head(number, label.object, frame, labels, _with_occluded(attributes, is_occluded=key.occluded))
    return [*head, *[""] * 5, int(key.frame == frame), key.source, _score(score), *_behaviors(label.object, frame)]


def _with_occluded(attributes: Mapping[str, Any], *, is_occluded: bool) -> Mapping[str, Any]:
    """The attributes with `occluded`, which replaces any attribute of that name."""
    others = {name: value for name, value in attributes.items() if name != "occluded"}
    return {**others, "occluded": True} if is_occluded else others


def _head(number: int, label_object: LabelObject, frame: int, labels: Labels, attributes: Mapping[str, Any]) -> Row:
    medium = labels.medium
    attribute_list = ";".join(f"{_escaped(name)}={_escaped(value_text(value))}" for name, value in attributes.items())
    return [
        guard_formula(medium.path),
        frame + 1,
        f"{frame / medium.fps:.3f}",
        number,
        guard_formula(label_object.mission),
        guard_formula(label_object.category),
        guard_formula(label_object.type or ""),
        guard_formula(attribute_list),
        ANNOTATION_TYPES[label_object.kind],
    ]


def _geometry(shape: Shape, labels: Labels) -> Row | None:
    """The five columns of the geometry; None if the shape cannot be written."""
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


def _behaviors(label_object: LabelObject, frame: int) -> list[str]:
    """The four columns of the object's behaviors on a frame."""
    behaviors = [behavior for behavior in label_object.state.behaviors if behavior.first <= frame <= behavior.last]
    columns = (
        (_escaped(label_object.resolved_class.behaviors.of(behavior.name)) for behavior in behaviors),
        (_escaped(behavior.attribute or "") for behavior in behaviors),
        (str(behavior.first + 1) for behavior in behaviors),
        (str(behavior.last + 1) for behavior in behaviors),
    )
    return [guard_formula(";".join(column)) for column in columns]


def _score(score: float | None) -> str:
    return "" if score is None else f"{score:.6g}"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace(";", "\\;").replace("=", "\\=")
