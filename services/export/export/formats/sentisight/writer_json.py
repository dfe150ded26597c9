"""SentiSight JSON: `labels.json`, a list of images with their labels and shapes, and `images/<name>`.

    {"name": "a/frame_000000.jpg", "classificationLabels": ["cat", "pet"], "defaultLabel": "cat",
     "boundingBoxes": [{"label", "x0", "y0", "x1", "y1"}], "polygons": [{"label", "parts": [{"points", "holes"}]}],
     "polylines": [{"label", "points"}], "points": [{"label", "x", "y"}],
     "rpyObjects": [{"label", "x", "y", "roll", "pitch", "yaw"}]}

Each shape may also have `attributes` by name, including its type and occlusion; boxes and polygons also `keypoints` and
`rpy`. `defaultLabel` is null on frames to which the file's default label does not apply.
"""

from collections.abc import Iterator
from typing import Any

from common.geometry import types
from export.codecs.json import json_items
from export.codecs.zip import Entry
from export.dataset.dataset import Dataset
from export.dataset.ellipse_polygons import ellipse_contour
from export.dataset.image_tags import Tags
from export.dataset.labels import Labels
from export.dataset.point_lists import polygon_of
from export.dataset.shapes import Frame, Shape
from export.dataset.track import Corners
from export.formats.image_entries import image_entries

LABEL_PROPERTIES = "lost_label_attributes_and_types"
POINT_SETS = "lost_point_sets"
BUILT_IN = frozenset({"type", "occluded"})
_FRAMES_AT_ONCE = 64
Item = dict[str, Any]


def write(dataset: Dataset) -> Iterator[Entry]:
    """The archive's entries."""
    yield Entry("labels.json", _document(dataset))
    yield from image_entries(dataset, lambda medium, frame: f"images/{medium.frame_path(frame)}")


def _document(dataset: Dataset) -> Iterator[bytes]:
    yield b"["
    yield from json_items(_batches(dataset))
    yield b"]\n"


def _batches(dataset: Dataset) -> Iterator[list[Item]]:
    for labels in dataset.labels():
        _count(labels)
        tags = Tags(dataset)
        tags.add(labels)
        items: list[Item] = []
        for frame in labels.frames():
            items.append(_item(frame, labels, tags))
            if len(items) == _FRAMES_AT_ONCE:
                yield items
                items = []
        yield items


def _count(labels: Labels) -> None:
    for label in labels.medium_labels:
        has_attributes = label.object.attributes or any(keyframe.attributes for keyframe in label.keyframes)
        labels.report.add(LABEL_PROPERTIES, bool(has_attributes or label.object.type))


def _item(frame: Frame, labels: Labels, tags: Tags) -> Item:
    frame_tags = tags.on(labels.medium, frame.number)
    item: Item = {
        "name": labels.medium.frame_path(frame.number),
        "classificationLabels": [tag.name for tag in frame_tags],
        "defaultLabel": next((tag.name for tag in frame_tags if tag.is_default), None),
        "boundingBoxes": [],
        "polygons": [],
        "polylines": [],
        "points": [],
        "rpyObjects": [],
    }
    for shape in frame.shapes:
        entries = _entries(shape.geometry, labels)
        if entries is not None:
            kind, rows = entries
            item[kind] += [{"label": shape.object.category, **row, **_extras(shape)} for row in rows]
    return item


def _entries(shape: Corners | types.Geometry, labels: Labels) -> tuple[str, list[Item]] | None:
    """The name of the shape's list, and its entries."""
    entries: tuple[str, list[Item]] | None = None
    match shape:
        case (x1, y1, x2, y2, _):
            entries = "boundingBoxes", [{"x0": _px(x1), "y0": _px(y1), "x1": _px(x2), "y1": _px(y2)}]
        case types.Polyline():
            entries = "polylines", [{"points": _points(shape.points)}]
        case types.Line():
            entries = "polylines", [{"points": _points([(shape.x1, shape.y1), (shape.x2, shape.y2)])}]
        case types.Points():
            labels.report.add(POINT_SETS, len(shape.points) > 1)
            entries = "points", [{"x": _px(x), "y": _px(y)} for x, y in shape.points]
        case types.Rpy():
            angles = zip(("roll", "pitch", "yaw"), _angles(shape.angles), strict=True)
            entries = "rpyObjects", [{"x": _px(shape.x), "y": _px(shape.y), **dict(angles)}]
        case _ if polygon := _polygon(shape, labels):
            parts = [{"points": _points(part.outer), "holes": list(map(_points, part.holes))} for part in polygon.parts]
            entries = "polygons", [{"parts": parts}]
    return entries


def _polygon(shape: Corners | types.Geometry, labels: Labels) -> types.Polygon | None:
    match shape:
        case types.Polygon():
            return shape
        case types.Bitmap():
            return polygon_of(shape, labels.report)
        case types.Circle() | types.Ellipse():
            return types.Polygon.model_construct(
                parts=[types.Part.model_construct(outer=ellipse_contour(shape), holes=[])]
            )
    return None


def _extras(shape: Shape) -> Item:
    """The attributes, keypoints and angles of a shape."""
    attributes = {name: value for name, value in shape.attributes.items() if name not in BUILT_IN}
    if shape.object.type is not None:
        attributes["type"] = shape.object.type
    if shape.occluded:
        attributes["occluded"] = True
    extras: Item = {"attributes": attributes} if attributes else {}
    if shape.keypoints:
        extras["keypoints"] = [
            {"name": point.name, "x": _px(point.x), "y": _px(point.y), **({} if point.visible else {"visible": False})}
            for point in shape.keypoints
        ]
    if shape.rpy is not None:
        extras["rpy"] = _angles(shape.rpy)
    return extras


def _angles(angles: types.Angles) -> list[float]:
    return [_px(angle) for angle in (angles.roll, angles.pitch, angles.yaw)]


def _points(points: list[types.Point]) -> list[tuple[float, float]]:
    return [(_px(x), _px(y)) for x, y in points]


def _px(value: float) -> float:
    # Adding 0.0 turns -0.0 into 0.0.
    return round(value, 2) + 0.0
