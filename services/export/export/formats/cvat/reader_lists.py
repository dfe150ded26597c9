"""Shapes of CVAT task annotations: a type and a flat list of numbers."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import Any

from common.geometry import types
from export.formats.cvat.reader_shapes import bitmap
from export.formats.cvat.reader_specs import Json, Label
from export.formats.cvat.shapes import CUBOID_CORNERS
from export.parsing.reasons import ReaderError

_MINIMUM_POINTS = {"polygon": 3, "polyline": 2, "points": 1}
# The limit of interpolated keypoints per track.
_MOST_POINTS = 1_000_000


def geometry_of(row: Json, label: Label) -> types.Geometry:
    """The geometry of a shape.

    Raises:
        KeyError, ValueError, ArithmeticError: the data does not follow the format.
    """
    kind, numbers = row["type"], row.get("points") or []
    rotation = float(row.get("rotation") or 0.0)
    match kind:
        case "rectangle":
            x1, y1, x2, y2 = numbers
            return types.Box(x1=x1, y1=y1, x2=x2, y2=y2, rotation=rotation)
        case "ellipse":
            cx, cy, right, top = map(float, numbers)
            return types.Ellipse(cx=cx, cy=cy, rx=right - cx, ry=cy - top, rotation=rotation)
        case "mask":
            *runs, left, top, right, bottom = (int(number) for number in numbers)
            return bitmap(runs, left, top, right - left + 1, bottom - top + 1)
        case "skeleton":
            return types.Skeleton(keypoints=list(_keypoints(row, label)))
    return _pointed(kind, _pairs(numbers))


def _pointed(kind: str, points: list[types.Point]) -> types.Geometry:
    if len(points) < _MINIMUM_POINTS.get(kind, 0):
        raise ReaderError("points_too_few", count=len(points), minimum=_MINIMUM_POINTS[kind])
    match kind:
        case "polygon":
            return types.Polygon(parts=[types.Part(outer=points)])
        case "polyline":
            return types.Polyline(points=points)
        case "points":
            return types.Points(points=points)
        case "cuboid" if len(points) == len(CUBOID_CORNERS):
            placed = dict(zip(CUBOID_CORNERS.values(), points, strict=True))
            return types.Cuboid(points=[placed[at] for at in range(len(placed))])
    raise ReaderError("shape_unsupported", type=str(kind)[:100])


def _pairs(numbers: Sequence[float]) -> list[types.Point]:
    return [(float(x), float(y)) for x, y in zip(numbers[::2], numbers[1::2], strict=True)]


def _keypoints(row: Json, label: Label) -> Iterator[types.Keypoint]:
    """The visible points of a skeleton, or all if none is visible."""
    elements = [element for element in row["elements"] if not element.get("outside")] or row["elements"]
    if not elements:
        raise ReaderError("points_missing")
    for element in elements:
        ((x, y),) = _pairs(element["points"])
        yield types.Keypoint(name=label.point(element), x=x, y=y, visible=not element.get("occluded"))


# ---- skeleton tracks ----


def skeleton_keyframes(shapes: Sequence[Json], elements: Sequence[Json]) -> list[Json]:
    """The keyframes of a skeleton: every keyframe of the skeleton or of one of its points. Points are interpolated
    linearly between their own keyframes and hold outside them.

    Raises:
        KeyError, TypeError, ValueError: the data does not follow the format.
    """
    tracks = [(row, sorted(row["shapes"], key=_frame)) for row in elements]
    frames = sorted({_frame(row) for track_rows in (shapes, *(rows for _, rows in tracks)) for row in track_rows})
    if len(frames) * len(tracks) > _MOST_POINTS:
        raise ReaderError("skeleton_too_large", count=len(tracks), frames=len(frames))
    own_frames = [_frame(row) for row in shapes]
    return [_skeleton_keyframe(shapes[max(bisect_right(own_frames, frame) - 1, 0)], frame, tracks) for frame in frames]


def _skeleton_keyframe(held: Json, frame: int, tracks: Sequence[tuple[Json, Sequence[Json]]]) -> Json:
    """A keyframe, based on the skeleton's last own keyframe."""
    points = [{**_point_at(rows, frame), "label_id": _label_of(element)} for element, rows in tracks if rows]
    outside = bool(held.get("outside")) or all(element["outside"] for element in points)
    attributes = held.get("attributes") if _frame(held) == frame else ()
    raw = {
        "type": "skeleton",
        "frame": frame,
        "outside": outside,
        "elements": points,
        "attributes": attributes,
    }
    return {**held, **raw}


def _frame(row: Json) -> int:
    return int(row["frame"])


def _label_of(element: Json) -> Any:
    return element.get("label_id", element.get("label"))


def _point_at(rows: Sequence[Json], frame: int) -> dict[str, Any]:
    """A point on a frame."""
    at = bisect_right(rows, frame, key=_frame)
    left, right = rows[max(at - 1, 0)], rows[min(at, len(rows) - 1)]
    distance = _frame(right) - _frame(left)
    share = min(max((frame - _frame(left)) / distance, 0.0), 1.0) if distance else 0.0
    ((x1, y1),), ((x2, y2),) = _pairs(left["points"]), _pairs(right["points"])
    position = [x1 + share * (x2 - x1), y1 + share * (y2 - y1)]
    return {"points": position, "outside": bool(left.get("outside")), "occluded": left.get("occluded")}
