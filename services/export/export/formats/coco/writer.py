"""COCO 1.0: one JSON file of images, annotations and categories.

`annotations/instances_default.json`, and with pictures `images/default/<file_name>`; where media are divided into
subsets, `train`, `val` and `test` stand for `default`. Every frame is an image, also without labels; ids are renumbered
from 1, those of images with gaps for frames that are not taken; coordinates have two decimals. As in CVAT's archives, a
rotated box is its unrotated box and an attribute `rotation`, occlusion is the attribute `occluded`, and tracks are
told by `track_id` and `keyframe`. Polygons, also of several parts, circles and ellipses are lists of points; bitmaps
and polygons with holes are uncompressed run lengths. All have `iscrowd` 0: each is one object, and training leaves
crowds out. The categories come last in the file, because objects may name some that no mission declares.
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
    for medium, picture in dataset.images():
        name = f"images/{medium.subset}/{medium.frame_path(picture.frame)}"
        yield Entry(name, picture.chunks, picture.size_bytes, packed=True)


def _document(dataset: Dataset) -> Iterator[bytes]:
    yield HEAD
    yield from json_items(images(dataset.media))
    yield b'],"annotations":['
    yield from json_items(_annotations(dataset))
    yield b'],"categories":['
    found = [{"id": known.number + 1, "name": known.name, "supercategory": ""} for known in dataset.classes.all()]
    yield from json_items([found])
    yield b"]}"


def images(media: Sequence[ExportMedium]) -> Iterator[list[dict[str, Any]]]:
    """Every frame that is taken of the media as an image, some at a time: the numbers count all frames from 1."""
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
    """By a medium's id, the number of the image that is its frame 0."""
    frames = accumulate((medium.frame_count for medium in media), initial=1)
    return {medium.id: first for medium, first in zip(media, frames, strict=False)}


class _Rows:
    """Makes the annotations of one medium, whose frame 0 is `first_image`."""

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
        self._categories = [classes.of(found.category, found.mission).number + 1 for found in labels.objects]
        self._said: dict[Any, dict[str, Any]] = {}

    def batches(self) -> Iterator[list[dict[str, Any]]]:
        """Annotations, some frames at a time."""
        shapes: list[Shape] = []
        for frame in self._labels.frames(DECIMALS):
            shapes += frame.shapes
            if len(shapes) >= _ROWS_AT_ONCE:
                yield self._rows(shapes)
                shapes = []
        yield self._rows(shapes)

    def _rows(self, shapes: list[Shape]) -> list[dict[str, Any]]:
        rows = []
        for shape, drawn in zip(shapes, _segments(shapes, self._labels.medium), strict=True):
            if drawn is None:
                self._report.add(NOTHING)
                continue
            segmentation, area, bbox = drawn
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
        """What is said of a shape; most say the same on many frames."""
        rotation = shape.geometry[4] if isinstance(shape.geometry, tuple) else None
        key = id(shape.attributes), shape.occluded, shape.is_key, rotation
        found = self._said.get(key)
        if found is None:
            found = self._make_attributes(shape, rotation)
            if not rotation:
                self._said[key] = found
        return found

    def _make_attributes(self, shape: Shape, rotation: float | None) -> dict[str, Any]:
        return attributes_of(shape, rotation, self._first_track + shape.object_index if self._is_video else None)


def attributes_of(shape: Shape, rotation: float | None, track: int | None) -> dict[str, Any]:
    """What is said of a shape beside where it is: `rotation` of a box, `track` of an object that has several shapes."""
    said = {name: value for name, value in shape.attributes.items() if name not in BUILT_IN}
    if shape.object.type is not None:
        said["type"] = shape.object.type
    said["occluded"] = shape.occluded
    if rotation is not None:
        said["rotation"] = rotation
    if track is not None:
        said |= {"track_id": track, "keyframe": shape.is_key}
    return said


def _segments(shapes: list[Shape], medium: ExportMedium) -> Iterable[Segment | None]:
    """What is drawn of each shape; boxes, of which there are most, all at once."""
    boxes = np.array([shape.geometry for shape in shapes if isinstance(shape.geometry, tuple)]).reshape(-1, 5)
    sides = np.round(boxes[:, 2:4] - boxes[:, :2], DECIMALS)
    areas = np.round(sides[:, 0] * sides[:, 1], DECIMALS).tolist()
    found: Iterator[Segment] = zip(repeat(_NO_SEGMENTS), areas, np.hstack((boxes[:, :2], sides)).tolist(), strict=False)
    if len(boxes) == len(shapes):
        return found
    return (next(found) if isinstance(shape.geometry, tuple) else segment(shape.geometry, medium) for shape in shapes)
