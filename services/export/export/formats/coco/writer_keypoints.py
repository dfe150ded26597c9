"""COCO Keypoints 1.0: one JSON file of images, keypoint annotations and categories with their keypoints.

`annotations/person_keypoints_<subset>.json` and `images/<subset>/<file_name>`. Every category has `keypoints`, the
keypoint names (declared ones first, then those that only objects use), and `skeleton`, pairs of indices from 1. An
annotation's `keypoints` are x, y, v for each name; v is 2 for visible, 1 for hidden, 0 for unlabeled. Boxes and
polygons with keypoints keep both; a skeleton's box is the bounding box of its keypoints. Images, ids, tracks,
attributes and decimals are as in COCO 1.0.
"""

from collections.abc import Iterator, Sequence
from itertools import count
from typing import Any

from common.geometry.types import Keypoint, Polygon
from export.codecs.json import json_items
from export.codecs.zip import Entry
from export.dataset.class_keypoints import ClassKeypoints, KeypointsByClass, class_keypoints, keypoints_of
from export.dataset.dataset import Dataset
from export.dataset.labels import Labels
from export.dataset.rows import NOTHING
from export.dataset.shapes import Shape
from export.formats.coco.segmentation import Segment, segment
from export.formats.coco.writer import DECIMALS, HEAD, attributes_of, first_image_of, images
from export.formats.image_entries import image_entries

NO_KEYPOINTS = "lost_shapes_without_keypoints"
_ROWS_AT_ONCE = 512
_UNKNOWN = [0.0, 0.0, 0]


def write(dataset: Dataset) -> Iterator[Entry]:
    """The archive's entries."""
    keypoints = class_keypoints(dataset)
    for subset, part in dataset.subsets():
        yield Entry(f"annotations/person_keypoints_{subset}.json", _document(part, keypoints))
    yield from image_entries(dataset, lambda medium, frame: f"images/{medium.subset}/{medium.frame_path(frame)}")


def _document(dataset: Dataset, keypoints: KeypointsByClass) -> Iterator[bytes]:
    yield HEAD
    yield from json_items(images(dataset.media))
    yield b'],"annotations":['
    yield from json_items(_annotations(dataset, keypoints))
    yield b'],"categories":['
    yield from json_items([_categories(dataset, keypoints)])
    yield b"]}"


def _categories(dataset: Dataset, keypoints: KeypointsByClass) -> list[dict[str, Any]]:
    return [
        {
            "id": label_class.number + 1,
            "name": label_class.name,
            "supercategory": "",
            "keypoints": list(keypoints.get(label_class.number, ClassKeypoints()).positions),
            "skeleton": [
                (begin + 1, end + 1) for begin, end in keypoints.get(label_class.number, ClassKeypoints()).edges
            ],
        }
        for label_class in dataset.classes.all()
    ]


def _annotations(dataset: Dataset, keypoints: KeypointsByClass) -> Iterator[list[dict[str, Any]]]:
    first_images, ids, tracks = first_image_of(dataset.media), count(1), 0
    for labels in dataset.labels():
        rows = []
        for shape in _with_keypoints(labels):
            number = dataset.classes.of(shape.object.category, shape.object.mission).number
            row = _annotation(shape, labels, keypoints[number], tracks)
            if row is None:
                dataset.report.add(NOTHING)
                continue
            image = first_images[labels.medium.id] + shape.frame
            rows.append({"id": next(ids), "image_id": image, "category_id": number + 1, **row})
            if len(rows) >= _ROWS_AT_ONCE:
                yield rows
                rows = []
        yield rows
        tracks += len(labels.objects)


def _with_keypoints(labels: Labels) -> Iterator[Shape]:
    for frame in labels.frames(DECIMALS):
        for shape in frame.shapes:
            if keypoints_of(shape):
                yield shape
            else:
                labels.report.add(NO_KEYPOINTS)


def _annotation(shape: Shape, labels: Labels, keypoints: ClassKeypoints, first_track: int) -> dict[str, Any] | None:
    placed = keypoints.ordered(keypoints_of(shape))
    segmented = _segment(shape, [keypoint for keypoint in placed if keypoint], labels)
    if segmented is None:
        return None
    segmentation, area, bbox = segmented
    rotation = shape.geometry[4] if isinstance(shape.geometry, tuple) else None
    track = first_track + shape.object_index if labels.medium.kind == "video" else None
    row = {
        "segmentation": segmentation,
        "area": area,
        "bbox": bbox,
        "iscrowd": 0,
        "keypoints": [number for keypoint in placed for number in _numbers(keypoint)],
        "num_keypoints": sum(keypoint is not None for keypoint in placed),
        "attributes": attributes_of(shape, rotation, track),
    }
    return row if shape.score is None else row | {"score": shape.score}


def _numbers(keypoint: Keypoint | None) -> list[float]:
    if keypoint is None:
        return _UNKNOWN
    return [round(keypoint.x, DECIMALS), round(keypoint.y, DECIMALS), 2 if keypoint.visible else 1]


def _segment(shape: Shape, keypoints: Sequence[Keypoint], labels: Labels) -> Segment | None:
    if isinstance(shape.geometry, Polygon):
        return segment(shape.geometry, labels.medium)
    if isinstance(shape.geometry, tuple):
        x1, y1, x2, y2, _ = shape.geometry
    else:
        xs, ys = zip(
            *((round(keypoint.x, DECIMALS), round(keypoint.y, DECIMALS)) for keypoint in keypoints), strict=True
        )
        x1, y1, x2, y2 = min(xs), min(ys), max(xs), max(ys)
    width, height = round(x2 - x1, DECIMALS), round(y2 - y1, DECIMALS)
    return [], round(width * height, DECIMALS), [round(x1, DECIMALS), round(y1, DECIMALS), width, height]
