"""CVAT task annotations JSON: task annotations as CVAT's API imports and exports them.

`annotations/<file>.json` for each medium, which is a task of its own; `labels.json` with the labels that the ids refer
to; and `images/<path>`. A file is CVAT's `LabeledData`:

    {"version": 0,
     "shapes": [{"type", "frame", "label_id", "group", "source", "occluded", "outside", "z_order", "rotation",
                 "points": […], "attributes": [{"spec_id", "value"}], "elements": […], "score"}],
     "tags": [{"frame", "label_id", "group", "source", "attributes"}],
     "tracks": [{"frame", "label_id", "group", "source", "attributes", "shapes": [keyframes], "elements": […]}]}

Frames count from 0 in the medium. Objects of videos are tracks of keyframes, except masks, which CVAT cannot track:
they are grouped shapes of single frames. A skeleton has an element for each keypoint of its label, `outside` if it is
unlabeled. If keyframes follow after the last frame, the last frame is a keyframe instead.
"""

from collections.abc import Iterable, Iterator
from typing import Any

import orjson

from common.geometry.types import Keypoint, Points
from export.codecs.json import json_items
from export.codecs.spool import Spool
from export.codecs.zip import Entry
from export.dataset.class_keypoints import keypoints_of
from export.dataset.dataset import Dataset
from export.dataset.image_tags import Tags
from export.dataset.keyframes import Key
from export.dataset.labels import Labels
from export.dataset.objects import LabelObject
from export.dataset.rows import NOTHING
from export.dataset.shapes import Shape
from export.formats.cvat.shapes import CvatShape, cvat_shape, is_pixels, numbers
from export.formats.cvat.writer_labels import TYPE
from export.formats.cvat.writer_specs import Label, Row, Specs, attributes_with_type
from export.formats.cvat.writer_xml import SOURCES
from export.formats.image_entries import image_entries

SCORES = "lost_track_scores"
HELD = "points_held"
_ROWS_AT_ONCE = 1024


def write(dataset: Dataset) -> Iterator[Entry]:
    """The archive's entries."""
    specs = Specs(dataset)
    for labels in dataset.labels():
        yield Entry(f"annotations/{labels.medium.path}.json", _document(labels, dataset, specs))
    yield Entry.of("labels.json", orjson.dumps(specs.declared))
    yield from image_entries(dataset, lambda medium, frame: f"images/{medium.frame_path(frame)}")


def _document(labels: Labels, dataset: Dataset, specs: Specs) -> Iterator[bytes]:
    rows, tracks = _Rows(labels, specs), Spool()
    yield b'{"version":0,"shapes":['
    yield from json_items(rows.shapes(tracks))
    yield b'],"tags":['
    yield from json_items(rows.tags(dataset))
    yield b'],"tracks":['
    yield from tracks.chunks()
    yield b"]}"


class _Rows:
    """Shapes, tags and tracks of one medium."""

    def __init__(self, labels: Labels, specs: Specs) -> None:
        self._labels = labels
        self._report = labels.report
        self._specs = specs
        self._groups: dict[str, int] = {}

    def shapes(self, tracks: Spool) -> Iterator[list[Row]]:
        """The shapes of single frames; meanwhile, the tracks are written to `tracks`."""
        rows: list[Row] = []
        for index, shapes in self._labels.by_object():
            if self._is_track(index):
                track = self._track(index, shapes)
                if track is not None:
                    tracks.write((b"," if tracks.size_bytes else b"") + orjson.dumps(track))
                continue
            for shape in shapes:
                rows += self._single(shape)
                if len(rows) >= _ROWS_AT_ONCE:
                    yield rows
                    rows = []
        yield rows

    def tags(self, dataset: Dataset) -> Iterator[list[Row]]:
        """The labels of the medium, one row for each frame to which they apply."""
        known = Tags(dataset)
        known.add(self._labels)
        for frame in range(self._labels.medium.frame_count):
            rows = []
            for tag in known.on(self._labels.medium, frame):
                label = self._specs.named(tag.name)
                head = self._head(label, self._group(tag.group), tag.source)
                attributes = {name: value for name, value in tag.attributes(frame).items() if name != TYPE}
                values = self._specs.values(
                    label, attributes | ({} if tag.type_name is None else {TYPE: tag.type_name})
                )
                rows.append({"frame": frame, **head, "attributes": values})
            yield rows

    def _is_track(self, index: int) -> bool:
        if self._labels.medium.kind == "image":
            return False
        return self._labels.keyframes.packed[index] is None or not any(
            is_pixels(key.geometry) for key in self._labels.keys(index)
        )

    def _single(self, shape: Shape) -> Iterator[Row]:
        """A shape of one frame; the masks of an object in a video form a group."""
        cvat = cvat_shape(shape.geometry, self._labels.medium)
        if cvat is None:
            self._report.add(NOTHING)
            return
        label_object, label = shape.object, self._specs.of(shape.object)
        alone = label_object.state.id if self._labels.medium.kind == "video" else None
        group = self._group(label_object.state.group or alone)
        row = {
            "frame": shape.frame,
            **self._head(label, group, label_object.state.source),
            **_shape_fields(shape, cvat),
            "z_order": label_object.state.z_order,
            "outside": False,
            "attributes": self._specs.values(label, attributes_with_type(label_object, shape.attributes)),
        }
        if shape.score is not None:
            row["score"] = min(max(shape.score, 0.0), 1.0)
        if cvat.type == "skeleton":
            row["elements"] = [
                {"frame": shape.frame, **self._point(number), **element, "attributes": []}
                for number, element in _elements(shape, label)
            ]
        yield row

    def _track(self, index: int, shapes: Iterable[Shape]) -> Row | None:
        keys = [(key, cvat) for key in self._keys(index, shapes) if (cvat := self._cvat_shape(key))]
        if not keys:
            return None
        label_object = self._labels.objects[index]
        label, first = self._specs.of(label_object), keys[0][0].frame
        self._count(label_object, [key for key, _ in keys])
        head = {"frame": first, **self._head(label, self._group(label_object.state.group), label_object.state.source)}
        row = {
            **head,
            "attributes": self._specs.fixed(label, attributes_with_type(label_object, label_object.attributes)),
            "shapes": [self._key(label_object, label, key, cvat, is_first=key.frame == first) for key, cvat in keys],
        }
        if label_object.kind == "skeleton":
            row["elements"] = self._tracked_elements([key for key, _ in keys], label, head)
        return row

    def _keys(self, index: int, shapes: Iterable[Shape]) -> Iterator[Key]:
        """The keyframes within the medium; if others follow, its last frame is a keyframe too."""
        end, last = self._labels.medium.frame_count, -1
        for key in self._labels.keys(index):
            if key.frame < end:
                last = key.frame
                yield key
                continue
            for shape in shapes:
                if last < shape.frame == end - 1:
                    yield _as_key(shape)
            return

    def _cvat_shape(self, key: Key) -> CvatShape | None:
        shape = cvat_shape(key.geometry, self._labels.medium)
        self._report.add(NOTHING, shape is None)
        return shape

    def _count(self, label_object: LabelObject, keys: list[Key]) -> None:
        self._report.add(SCORES, label_object.state.score is not None or any(key.score is not None for key in keys))
        several = any(isinstance(key.geometry, Points) and len(key.geometry.points) > 1 for key in keys)
        self._report.add(HELD, several and len(keys) > 1)

    def _key(self, label_object: LabelObject, label: Label, key: Key, cvat: CvatShape, *, is_first: bool) -> Row:
        attributes = label_object.resolved_class.named(key.attributes)
        attributes.pop(TYPE, None)
        values = self._specs.changes(label, attributes)
        if is_first:
            values = self._specs.changing(
                label, {**attributes_with_type(label_object, label_object.attributes), **attributes}
            )
        row = {"frame": key.frame, **_shape_fields(key, cvat), "z_order": label_object.state.z_order}
        return {**row, "outside": key.outside, "attributes": values}

    def _tracked_elements(self, keys: list[Key], label: Label, head: Row) -> list[Row]:
        by_point: dict[int, list[Row]] = {number: [] for number in label.keypoints.values()}
        for key in keys:
            for number, element in _elements(key, label):
                outside = element["outside"] or key.outside
                shape = {"frame": key.frame, **element, "outside": outside, "z_order": 0, "attributes": []}
                by_point[number].append(shape)
        return [
            {**head, **self._point(number), "attributes": [], "shapes": shapes} for number, shapes in by_point.items()
        ]

    def _head(self, label: Label, group: int, source: str) -> Row:
        return {"label_id": label.number, "group": group, "source": SOURCES[source]}

    def _point(self, number: int) -> Row:
        return {"label_id": number, "group": 0, "source": "manual"}

    def _group(self, group: str | None) -> int:
        return 0 if group is None else self._groups.setdefault(group, len(self._groups) + 1)


def _shape_fields(shape: Shape | Key, cvat: CvatShape) -> Row:
    return {"type": cvat.type, "points": cvat.points, "rotation": cvat.rotation, "occluded": shape.occluded}


def _as_key(shape: Shape) -> Key:
    return Key(shape.frame, shape.geometry, False, shape.occluded, shape.source, shape.score, {}, shape.keypoints, None)


def _elements(shape: Shape | Key, label: Label) -> Iterator[tuple[int, Row]]:
    """The keypoints of a skeleton, each with its label id."""
    known = {keypoint.name: keypoint for keypoint in keypoints_of(shape)}
    somewhere = next(iter(known.values()), Keypoint(name="nowhere", x=0.0, y=0.0))
    for name, number in label.keypoints.items():
        keypoint: Any = known.get(name, somewhere)
        yield (
            number,
            {
                "type": "points",
                "points": numbers([(keypoint.x, keypoint.y)]),
                "rotation": 0.0,
                "occluded": name in known and not keypoint.visible,
                "outside": name not in known,
            },
        )
