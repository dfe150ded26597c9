"""CVAT task annotations JSON: what CVAT's interface for programs takes and gives as the annotations of a task.

`annotations/<file>.json` for each medium, as a task of its own, `labels.json` with the labels that the numbers in
them stand for, and with pictures `images/<path>`. A file is CVAT's `LabeledData`:

    {"version": 0,
     "shapes": [{"type", "frame", "label_id", "group", "source", "occluded", "outside", "z_order", "rotation",
                 "points": […], "attributes": [{"spec_id", "value"}], "elements": […], "score"}],
     "tags": [{"frame", "label_id", "group", "source", "attributes"}],
     "tracks": [{"frame", "label_id", "group", "source", "attributes", "shapes": [keyframes], "elements": […]}]}

Frames count from 0 in the medium. Objects of videos are tracks of their keyframes; CVAT has none of masks, which are
shapes of single frames in a group instead. A skeleton has an element for each of its label's points, `outside` where it
is not known. Where keyframes come after the last frame, there is one on the last frame instead.
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
from export.formats.cvat.writer_specs import Label, Row, Specs, said_of
from export.formats.cvat.writer_xml import SOURCES

SCORES = "lost_track_scores"
HELD = "points_held"
_ROWS_AT_ONCE = 1024


def write(dataset: Dataset) -> Iterator[Entry]:
    """The archive's entries."""
    specs = Specs(dataset)
    for labels in dataset.labels():
        yield Entry(f"annotations/{labels.medium.path}.json", _document(labels, dataset, specs))
    yield Entry.of("labels.json", orjson.dumps(specs.declared))
    for medium, picture in dataset.images():
        name = f"images/{medium.frame_path(picture.frame)}"
        yield Entry(name, picture.chunks, picture.size_bytes, packed=True)


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
        """The shapes of single frames; on the way, the tracks are written to `tracks`."""
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
        """The labels of the medium, one on each frame on which it holds."""
        known = Tags(dataset)
        known.add(self._labels)
        for frame in range(self._labels.medium.frame_count):
            rows = []
            for tag in known.on(self._labels.medium, frame):
                label = self._specs.named(tag.name)
                head = self._head(label, self._group(tag.group), tag.source)
                said = {name: value for name, value in tag.attributes(frame).items() if name != TYPE}
                values = self._specs.values(label, said | ({} if tag.type_name is None else {TYPE: tag.type_name}))
                rows.append({"frame": frame, **head, "attributes": values})
            yield rows

    def _is_track(self, index: int) -> bool:
        if self._labels.medium.kind == "image":
            return False
        return self._labels.keyframes.packed[index] is None or not any(
            is_pixels(key.geometry) for key in self._labels.keys(index)
        )

    def _single(self, shape: Shape) -> Iterator[Row]:
        """A shape of one frame; of masks of a video, those of one object are a group."""
        drawn = cvat_shape(shape.geometry, self._labels.medium)
        if drawn is None:
            self._report.add(NOTHING)
            return
        found, label = shape.object, self._specs.of(shape.object)
        alone = found.state.id if self._labels.medium.kind == "video" else None
        group = self._group(found.state.group or alone)
        row = {
            "frame": shape.frame,
            **self._head(label, group, found.state.source),
            **_drawn(shape, drawn),
            "z_order": found.state.z_order,
            "outside": False,
            "attributes": self._specs.values(label, said_of(found, shape.attributes)),
        }
        if shape.score is not None:
            row["score"] = min(max(shape.score, 0.0), 1.0)
        if drawn.type == "skeleton":
            row["elements"] = [
                {"frame": shape.frame, **self._point(number), **element, "attributes": []}
                for number, element in _elements(shape, label)
            ]
        yield row

    def _track(self, index: int, shapes: Iterable[Shape]) -> Row | None:
        keys = [(key, drawn) for key in self._keys(index, shapes) if (drawn := self._try(key))]
        if not keys:
            return None
        found = self._labels.objects[index]
        label, first = self._specs.of(found), keys[0][0].frame
        self._count(found, [key for key, _ in keys])
        head = {"frame": first, **self._head(label, self._group(found.state.group), found.state.source)}
        row = {
            **head,
            "attributes": self._specs.fixed(label, said_of(found, found.attributes)),
            "shapes": [self._key(found, label, key, drawn, is_first=key.frame == first) for key, drawn in keys],
        }
        if found.kind == "skeleton":
            row["elements"] = self._tracked_elements([key for key, _ in keys], label, head)
        return row

    def _keys(self, index: int, shapes: Iterable[Shape]) -> Iterator[Key]:
        """The keyframes within the medium; where others follow, the last shape is one too."""
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

    def _try(self, key: Key) -> CvatShape | None:
        drawn = cvat_shape(key.geometry, self._labels.medium)
        self._report.add(NOTHING, drawn is None)
        return drawn

    def _count(self, found: LabelObject, keys: list[Key]) -> None:
        self._report.add(SCORES, found.state.score is not None or any(key.score is not None for key in keys))
        several = any(isinstance(key.geometry, Points) and len(key.geometry.points) > 1 for key in keys)
        self._report.add(HELD, several and len(keys) > 1)

    def _key(self, found: LabelObject, label: Label, key: Key, drawn: CvatShape, *, is_first: bool) -> Row:
        said = found.resolved_class.named(key.attributes)
        said.pop(TYPE, None)
        values = self._specs.changes(label, said)
        if is_first:
            values = self._specs.changing(label, {**said_of(found, found.attributes), **said})
        row = {"frame": key.frame, **_drawn(key, drawn), "z_order": found.state.z_order}
        return {**row, "outside": key.outside, "attributes": values}

    def _tracked_elements(self, keys: list[Key], label: Label, head: Row) -> list[Row]:
        by_point: dict[int, list[Row]] = {number: [] for number in label.joints.values()}
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


def _drawn(shape: Shape | Key, drawn: CvatShape) -> Row:
    return {"type": drawn.type, "points": drawn.points, "rotation": drawn.rotation, "occluded": shape.occluded}


def _as_key(shape: Shape) -> Key:
    return Key(shape.frame, shape.geometry, False, shape.occluded, shape.source, shape.score, {}, shape.keypoints, None)


def _elements(shape: Shape | Key, label: Label) -> Iterator[tuple[int, Row]]:
    """The points of a skeleton, each with its number."""
    known = {keypoint.name: keypoint for keypoint in keypoints_of(shape)}
    somewhere = next(iter(known.values()), Keypoint(name="nowhere", x=0.0, y=0.0))
    for name, number in label.joints.items():
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
