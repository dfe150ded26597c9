"""Datumaro 1.0: one JSON file of items with their annotations, and of categories.

`annotations/<subset>.json` and `images/<subset>/<path>`. An item is a frame, even without labels:

    {"id": image path without suffix, "annotations": […], "attr": {"frame": 0},
     "image": {"path": …, "size": [height, width]}}

A box is `bbox` x, y, width, height; polygons, polylines, points and ellipses are flat `points`; bitmaps and polygons
with holes are `rle`, COCO's compressed run lengths. A multi-part polygon becomes several of one `group`, a circle an
ellipse. A skeleton is `points` in the keypoint order of its class in `categories`, with `visibility` 2 for visible, 1
for hidden and 0 for unlabeled; the public library has no other skeletons. As in CVAT's archives, rotation, occlusion,
tracks and scores are attributes. Numbers have two decimals.
"""

from collections.abc import Iterable, Iterator
from itertools import count
from typing import Any

from common.geometry.types import Circle, Ellipse, Line, Points, Polyline, Skeleton
from export.codecs.json import json_items
from export.codecs.rle import compressed
from export.codecs.zip import Entry
from export.dataset.class_keypoints import ClassKeypoints, KeypointsByClass, class_keypoints
from export.dataset.dataset import Dataset
from export.dataset.image_ids import ImageIds
from export.dataset.image_tags import Tag, Tags
from export.dataset.labels import Labels
from export.dataset.rows import NOTHING
from export.dataset.shapes import Frame, Shape
from export.formats.coco.segmentation import segment
from export.formats.coco.writer import BUILT_IN, DECIMALS, attributes_of
from export.formats.image_entries import image_entries

SCORE = "score"
# Attributes of these names would be overwritten by the writer.
RESERVED = BUILT_IN | {SCORE}
_ITEMS_AT_ONCE = 64
Row = dict[str, Any]


def write(dataset: Dataset) -> Iterator[Entry]:
    """The archive's entries."""
    known, names = class_keypoints(dataset), ImageIds(dataset.media, dataset.report)
    for subset, part in dataset.subsets():
        yield Entry(f"annotations/{subset}.json", _document(part, known, names))
    yield from image_entries(dataset, lambda medium, frame: f"images/{medium.subset}/{medium.frame_path(frame)}")


def _document(dataset: Dataset, known: KeypointsByClass, names: ImageIds) -> Iterator[bytes]:
    yield b'{"info":{},"items":['
    yield from json_items(_items(dataset, known, names))
    labels = [{"name": label_class.name, "parent": "", "attributes": []} for label_class in dataset.classes.all()]
    points = [_points(number, keypoints) for number, keypoints in known.items() if keypoints.positions]
    yield b'],"categories":{"label":{"labels":['
    yield from json_items([labels])
    yield b'],"attributes":["occluded"]},"points":{"items":['
    yield from json_items([points])
    yield b"]}}}"


def _points(number: int, keypoints: ClassKeypoints) -> Row:
    edges = [(begin + 1, end + 1) for begin, end in keypoints.edges]
    return {"label_id": number, "labels": list(keypoints.positions), "joints": edges}


def _items(dataset: Dataset, known: KeypointsByClass, names: ImageIds) -> Iterator[list[Row]]:
    ids, tracks = count(1), 0
    for labels in dataset.labels():
        rows = _Annotations(labels, dataset, known, ids, tracks)
        items: list[Row] = []
        for frame in labels.frames(DECIMALS):
            items.append(_item(labels, frame.number, names, list(rows.of(frame))))
            if len(items) >= _ITEMS_AT_ONCE:
                yield items
                items = []
        yield items
        tracks += len(labels.objects)


def _item(labels: Labels, frame: int, names: ImageIds, annotations: list[Row]) -> Row:
    medium = labels.medium
    return {
        "id": names.of(medium, frame),
        "annotations": annotations,
        "attr": {"frame": frame},
        "image": {"path": medium.frame_path(frame), "size": [medium.height, medium.width]},
    }


class _Annotations:
    """Writes the annotations of one medium."""

    def __init__(
        self, labels: Labels, dataset: Dataset, known: KeypointsByClass, ids: Iterator[int], first_track: int
    ) -> None:
        self._labels = labels
        self._known = known
        self._ids = ids
        self._first_track = first_track
        self._is_video = labels.medium.kind == "video"
        self._numbers = [
            dataset.classes.of(label_object.category, label_object.mission).number for label_object in labels.objects
        ]
        self._free_group = count(1)
        groups = dict.fromkeys(
            label_object.state.group for label_object in labels.objects if label_object.state.group is not None
        )
        self._groups: dict[str | None, int] = {group: next(self._free_group) for group in groups}
        self._tags = Tags(dataset)
        self._tags.add(labels)

    def of(self, frame: Frame) -> Iterator[Row]:
        """The annotations of a frame: shapes from back to front, then labels."""
        for shape in frame.shapes:
            rows = list(self._rows(shape))
            if not rows:
                self._labels.report.add(NOTHING)
                continue
            attributes = self._attributes(shape)
            group = self._groups.get(shape.object.state.group, 0)
            if len(rows) > 1 and not group:
                group = next(self._free_group)
            head = {"label_id": self._numbers[shape.object_index], "group": group, "attributes": attributes}
            for row in rows:
                yield {"id": next(self._ids), **row, **head, "z_order": shape.object.state.z_order}
        for tag in self._tags.on(self._labels.medium, frame.number):
            yield self._label(tag, frame.number)

    def _label(self, tag: Tag, frame: int) -> Row:
        attributes = {name: value for name, value in tag.attributes(frame).items() if name not in RESERVED}
        if tag.type_name is not None:
            attributes["type"] = tag.type_name
        if tag.score is not None:
            attributes[SCORE] = tag.score
        head = {"id": next(self._ids), "type": "label", "label_id": tag.number}
        return {**head, "group": 0, "attributes": attributes}

    def _attributes(self, shape: Shape) -> Row:
        rotation = None
        if isinstance(shape.geometry, tuple):
            rotation = shape.geometry[4]
        elif isinstance(shape.geometry, Ellipse):
            rotation = round(shape.geometry.rotation, DECIMALS)
        attributes = attributes_of(shape, rotation, self._first_track + shape.object_index if self._is_video else None)
        attributes.pop(SCORE, None)
        if shape.score is not None:
            attributes[SCORE] = shape.score
        return attributes

    def _rows(self, shape: Shape) -> Iterator[Row]:
        """The rows of a shape; several for a multi-part polygon."""
        match shape.geometry:
            case (x1, y1, x2, y2, _):
                yield {"type": "bbox", "bbox": [x1, y1, round(x2 - x1, DECIMALS), round(y2 - y1, DECIMALS)]}
            case Polyline(points=points):
                yield {"type": "polyline", "points": _flat(points)}
            case Line(x1=x1, y1=y1, x2=x2, y2=y2):
                yield {"type": "polyline", "points": _flat([(x1, y1), (x2, y2)])}
            case Points(points=points):
                yield {"type": "points", "points": _flat(points), "visibility": [2] * len(points)}
            case Skeleton():
                yield self._skeleton(shape.geometry, self._known[self._numbers[shape.object_index]])
            case Circle(cx=cx, cy=cy, r=r):
                yield {"type": "ellipse", "points": _flat([(cx - r, cy - r), (cx + r, cy + r)])}
            case Ellipse(cx=cx, cy=cy, rx=rx, ry=ry):
                yield {"type": "ellipse", "points": _flat([(cx - rx, cy - ry), (cx + rx, cy + ry)])}
            case _:
                yield from self._areas(shape)

    def _areas(self, shape: Shape) -> Iterator[Row]:
        segmented = None if isinstance(shape.geometry, tuple) else segment(shape.geometry, self._labels.medium)
        match segmented and segmented[0]:
            case {"counts": counts, "size": size}:
                yield {"type": "mask", "rle": {"counts": compressed(counts), "size": size}}
            case list(rings):
                yield from ({"type": "polygon", "points": ring} for ring in rings)

    def _skeleton(self, skeleton: Skeleton, known: ClassKeypoints) -> Row:
        placed = known.ordered(skeleton.keypoints)
        points = [(keypoint.x, keypoint.y) if keypoint else (0.0, 0.0) for keypoint in placed]
        visibility = [0 if keypoint is None else 2 if keypoint.visible else 1 for keypoint in placed]
        return {"type": "points", "points": _flat(points), "visibility": visibility}


def _flat(points: Iterable[tuple[float, float]]) -> list[float]:
    # Adding 0.0 turns -0.0 into 0.0.
    return [round(number, DECIMALS) + 0.0 for point in points for number in point]
