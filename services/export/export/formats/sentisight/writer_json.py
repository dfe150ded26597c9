"""SentiSight JSON: `labels.json`, a list of pictures with what is on them; with pictures also `images/<name>`.

    {"name": "a/frame_000000.jpg", "classificationLabels": ["cat", "pet"], "defaultLabel": "cat",
     "boundingBoxes": [{"label", "x0", "y0", "x1", "y1"}], "polygons": [{"label", "parts": [{"points", "holes"}]}],
     "polylines": [{"label", "points"}], "points": [{"label", "x", "y"}],
     "rpyObjects": [{"label", "x", "y", "roll", "pitch", "yaw"}]}

Each shape may also have `attributes` by name, with the type and whether it is occluded among them; boxes and polygons
also `keypoints` and `rpy`. `defaultLabel` is null on frames for which a file's default label does not hold.
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

OF_LABELS = "lost_label_attributes_and_types"
ALONE = "lost_point_sets"
BUILT_IN = frozenset({"type", "occluded"})
_FRAMES_AT_ONCE = 64
Item = dict[str, Any]


def write(dataset: Dataset) -> Iterator[Entry]:
    """The archive's entries."""
    yield Entry("labels.json", _document(dataset))
    for medium, picture in dataset.images():
        name = f"images/{medium.frame_path(picture.frame)}"
        yield Entry(name, picture.chunks, picture.size_bytes, packed=True)


def _document(dataset: Dataset) -> Iterator[bytes]:
    yield b"["
    yield from json_items(_batches(dataset))
    yield b"]\n"


def _batches(dataset: Dataset) -> Iterator[list[Item]]:
    for labels in dataset.labels():
        _count(labels)
        tags = Tags(dataset)
        tags.add(labels)
        some: list[Item] = []
        for frame in labels.frames():
            some.append(_item(frame, labels, tags))
            if len(some) == _FRAMES_AT_ONCE:
                yield some
                some = []
        yield some


def _count(labels: Labels) -> None:
    for label in labels.medium_labels:
        said = label.object.attributes or any(keyframe.attributes for keyframe in label.keyframes)
        labels.report.add(OF_LABELS, bool(said or label.object.type))


def _item(frame: Frame, labels: Labels, tags: Tags) -> Item:
    told = tags.on(labels.medium, frame.number)
    item: Item = {
        "name": labels.medium.frame_path(frame.number),
        "classificationLabels": [tag.name for tag in told],
        "defaultLabel": next((tag.name for tag in told if tag.is_default), None),
        "boundingBoxes": [],
        "polygons": [],
        "polylines": [],
        "points": [],
        "rpyObjects": [],
    }
    for shape in frame.shapes:
        found = _drawn(shape.geometry, labels)
        if found is not None:
            kind, places = found
            item[kind] += [{"label": shape.object.category, **place, **_beside(shape)} for place in places]
    return item


def _drawn(shape: Corners | types.Geometry, labels: Labels) -> tuple[str, list[Item]] | None:
    """The list that it belongs into, and what stands there."""
    found: tuple[str, list[Item]] | None = None
    match shape:
        case (x1, y1, x2, y2, _):
            found = "boundingBoxes", [{"x0": _px(x1), "y0": _px(y1), "x1": _px(x2), "y1": _px(y2)}]
        case types.Polyline():
            found = "polylines", [{"points": _points(shape.points)}]
        case types.Line():
            found = "polylines", [{"points": _points([(shape.x1, shape.y1), (shape.x2, shape.y2)])}]
        case types.Points():
            labels.report.add(ALONE, len(shape.points) > 1)
            found = "points", [{"x": _px(x), "y": _px(y)} for x, y in shape.points]
        case types.Rpy():
            turned = zip(("roll", "pitch", "yaw"), _turned(shape.angles), strict=True)
            found = "rpyObjects", [{"x": _px(shape.x), "y": _px(shape.y), **dict(turned)}]
        case _ if polygon := _polygon(shape, labels):
            parts = [{"points": _points(part.outer), "holes": list(map(_points, part.holes))} for part in polygon.parts]
            found = "polygons", [{"parts": parts}]
    return found


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


def _beside(shape: Shape) -> Item:
    """What else is known of a shape."""
    said = {name: value for name, value in shape.attributes.items() if name not in BUILT_IN}
    if shape.object.type is not None:
        said["type"] = shape.object.type
    if shape.occluded:
        said["occluded"] = True
    found: Item = {"attributes": said} if said else {}
    if shape.keypoints:
        found["keypoints"] = [
            {"name": point.name, "x": _px(point.x), "y": _px(point.y), **({} if point.visible else {"visible": False})}
            for point in shape.keypoints
        ]
    if shape.rpy is not None:
        found["rpy"] = _turned(shape.rpy)
    return found


def _turned(angles: types.Angles) -> list[float]:
    return [_px(angle) for angle in (angles.roll, angles.pitch, angles.yaw)]


def _points(points: list[types.Point]) -> list[tuple[float, float]]:
    return [(_px(x), _px(y)) for x, y in points]


def _px(value: float) -> float:
    # Adding 0 makes 0 of -0.
    return round(value, 2) + 0.0
