"""COCO 1.0: one JSON file of images, annotations and categories.

`annotations/instances_<subset>.json` and `images/<subset>/<file_name>`; without a split, the subset is `default`. Every
frame is an image, even without labels. Ids count from 1, image ids with gaps for frames that are not exported;
coordinates have two decimals. As in CVAT's archives, a rotated box is its unrotated box and an attribute `rotation`,
occlusion is the attribute `occluded`, and tracks are the attributes `track_id` and `keyframe`. Polygons, circles and
ellipses are lists of points; bitmaps and polygons with holes are uncompressed run lengths. `iscrowd` is always 0,
because training skips crowds. Categories come last in the file, because objects may have some that no mission declares.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate, count, repeat
from typing import Any

import numpy as np

from export.codecs.json import json_items
from export.codecs.zip import Entry
from export.dataset.dataset import Dataset
from export.dataset.labels import Labels
from export.dataset.media import ExportMedium
from export.dataset.rows import NOTHING
from export.dataset.shapes import Shape
from export.formats.coco.segmentation import Segment, segment
from export.formats.image_entries import image_entries

BUILT_IN = frozenset({"type", "occluded", "rotation", "track_id", "keyframe"})
DECIMALS = 2
_ROWS_AT_ONCE = 1024
_NO_SEGMENTS: list[float] = []
HEAD = (
    b'{"licenses":[{"name":"","id":0,"url":""}],"info":{"contributor":"","date_created":"","description":"",'
    b'"url":"","version":"","year":""},"images":['
)


def write(dataset: Dataset) -> Iterator[Entry]:
    """The archive's entries."""
    for subset, part in dataset.subsets():
        yield Entry(f"annotations/instances_{subset}.json", _document(part))
    yield from image_entries(dataset, lambda medium, frame: f"images/{medium.subset}/{medium.frame_path(frame)}")


def _document(dataset: Dataset) -> Iterator[bytes]:
    yield HEAD
    yield from json_items(images(dataset.media))
    yield b'],"annotations":['
    yield from json_items(_annotations(dataset))
    yield b'],"categories":['
    classes = dataset.classes.all()
    categories = [{"id": each.number + 1, "name": each.name, "supercategory": ""} for each in classes]
    yield from json_items([categories])
    yield b"]}"


def images(media: Sequence[ExportMedium]) -> Iterator[list[dict[str, Any]]]:
    """The exported frames as images, in batches; numbers count all frames from 1."""
    for medium, number in zip(media, first_image_of(media).values(), strict=True):
        for first in range(0, len(medium.frames), _ROWS_AT_ONCE):
            frames = medium.frames[first : first + _ROWS_AT_ONCE]
            yield [_image(number + frame, medium, frame) for frame in frames]


def _image(number: int, medium: ExportMedium, frame: int) -> dict[str, Any]:
    return {
        "id": number,
        "width": medium.width,
        "height": medium.height,
        "file_name": medium.frame_path(frame),
        "license": 0,
        "flickr_url": "",
        "coco_url": "",
        "date_captured": 0,
    }


def _annotations(dataset: Dataset) -> Iterator[list[dict[str, Any]]]:
    ids, tracks = count(1), 0
    first_images = first_image_of(dataset.media)
    for labels in dataset.labels():
        rows = _Rows(labels, dataset, ids, first_images[labels.medium.id], tracks)
        yield from rows.batches()
        tracks += len(labels.objects)


def first_image_of(media: Sequence[ExportMedium]) -> dict[str, int]:
    """The number of each medium's frame 0, by medium id."""
    frames = accumulate((medium.frame_count for medium in media), initial=1)
    return {medium.id: first for medium, first in zip(media, frames, strict=False)}


class _Rows:
    """Writes the annotations of one medium; `first_image` is the number of its frame 0."""

    def __init__(
        self, labels: Labels, dataset: Dataset, ids: Iterator[int], first_image: int, first_track: int
    ) -> None:
        self._labels = labels
        self._report = dataset.report
        self._ids = ids
        self._first_image = first_image
        self._first_track = first_track
        self._is_video = labels.medium.kind == "video"
        classes = dataset.classes
        self._categories = [
            classes.of(label_object.category, label_object.mission).number + 1 for label_object in labels.objects
        ]
        self._cached: dict[Any, dict[str, Any]] = {}

    def batches(self) -> Iterator[list[dict[str, Any]]]:
        """The annotations in batches of frames."""
        shapes: list[Shape] = []
        for frame in self._labels.frames(DECIMALS):
            shapes += frame.shapes
            if len(shapes) >= _ROWS_AT_ONCE:
                yield self._rows(shapes)
                shapes = []
        yield self._rows(shapes)

    def _rows(self, shapes: list[Shape]) -> list[dict[str, Any]]:
        rows = []
        for shape, segmented in zip(shapes, _segments(shapes, self._labels.medium), strict=True):
            if segmented is None:
                self._report.add(NOTHING)
                continue
            segmentation, area, bbox = segmented
            row = {
                "id": next(self._ids),
                "image_id": self._first_image + shape.frame,
                "category_id": self._categories[shape.object_index],
                "segmentation": segmentation,
                "area": area,
                "bbox": bbox,
                "iscrowd": 0,
                "attributes": self._attributes(shape),
            }
            if shape.score is not None:
                row["score"] = shape.score
            rows.append(row)
        return rows

    def _attributes(self, shape: Shape) -> dict[str, Any]:
        """The attributes of a shape; cached, because most shapes repeat them on many frames."""
        rotation = shape.geometry[4] if isinstance(shape.geometry, tuple) else None
        key = id(shape.attributes), shape.occluded, shape.is_key, rotation
        attributes = self._cached.get(key)
        if attributes is None:
            attributes = self._make_attributes(shape, rotation)
            if not rotation:
                self._cached[key] = attributes
        return attributes

    def _make_attributes(self, shape: Shape, rotation: float | None) -> dict[str, Any]:
        return attributes_of(shape, rotation, self._first_track + shape.object_index if self._is_video else None)


def attributes_of(shape: Shape, rotation: float | None, track: int | None) -> dict[str, Any]:
    """The attributes of a shape, with its type, occlusion, rotation (boxes only) and track (videos only)."""
    attributes = {name: value for name, value in shape.attributes.items() if name not in BUILT_IN}
    if shape.object.type is not None:
        attributes["type"] = shape.object.type
    attributes["occluded"] = shape.occluded
    if rotation is not None:
        attributes["rotation"] = rotation
    if track is not None:
        attributes |= {"track_id": track, "keyframe": shape.is_key}
    return attributes


def _segments(shapes: list[Shape], medium: ExportMedium) -> Iterable[Segment | None]:
    """The segmentation of each shape; all boxes are computed in one step."""
    boxes = np.array([shape.geometry for shape in shapes if isinstance(shape.geometry, tuple)]).reshape(-1, 5)
    sides = np.round(boxes[:, 2:4] - boxes[:, :2], DECIMALS)
    areas = np.round(sides[:, 0] * sides[:, 1], DECIMALS).tolist()
    box_segments: Iterator[Segment] = zip(
        repeat(_NO_SEGMENTS), areas, np.hstack((boxes[:, :2], sides)).tolist(), strict=False
    )
    if len(boxes) == len(shapes):
        return box_segments
    return (
        next(box_segments) if isinstance(shape.geometry, tuple) else segment(shape.geometry, medium) for shape in shapes
    )
