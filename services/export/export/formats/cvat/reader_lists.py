"""Shapes of CVAT task annotations: a type and a flat list of numbers."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import Any

from common.geometry import types
from export.formats.cvat.reader_shapes import bitmap
from export.formats.cvat.reader_specs import Json, Label
from export.formats.cvat.shapes import CUBOID_CORNERS
from export.parsing.reasons import ReaderError

_FEWEST = {"polygon": 3, "polyline": 2, "points": 1}
# So many points of skeletons are worked out for one track.
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
    if len(points) < _FEWEST.get(kind, 0):
        raise ReaderError("points_too_few", count=len(points), minimum=_FEWEST[kind])
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
    elements = [one for one in row["elements"] if not one.get("outside")] or row["elements"]
    if not elements:
        raise ReaderError("points_missing")
    for one in elements:
        ((x, y),) = _pairs(one["points"])
        yield types.Keypoint(name=label.point(one), x=x, y=y, visible=not one.get("occluded"))


# ---- skeletons on their way ----


def outlined(shapes: Sequence[Json], elements: Sequence[Json]) -> list[Json]:
    """The keyframes of a skeleton: every keyframe of the skeleton or of one of its points. Points are interpolated
    linearly between their own keyframes and hold outside them.

    Raises:
        KeyError, TypeError, ValueError: the data does not follow the format.
    """
    tracks = [(one, sorted(one["shapes"], key=_frame)) for one in elements]
    frames = sorted({_frame(one) for some in (shapes, *(rows for _, rows in tracks)) for one in some})
    if len(frames) * len(tracks) > _MOST_POINTS:
        raise ReaderError("skeleton_too_large", count=len(tracks), frames=len(frames))
    own = [_frame(one) for one in shapes]
    return [_outlined(shapes[max(bisect_right(own, frame) - 1, 0)], frame, tracks) for frame in frames]


def _outlined(held: Json, frame: int, tracks: Sequence[tuple[Json, Sequence[Json]]]) -> Json:
    """A keyframe, based on the skeleton's last own keyframe."""
    points = [{**_point_at(rows, frame), "label_id": _label_of(one)} for one, rows in tracks if rows]
    outside = bool(held.get("outside")) or all(one["outside"] for one in points)
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
    passed = _frame(right) - _frame(left)
    share = min(max((frame - _frame(left)) / passed, 0.0), 1.0) if passed else 0.0
    ((x1, y1),), ((x2, y2),) = _pairs(left["points"]), _pairs(right["points"])
    where = [x1 + share * (x2 - x1), y1 + share * (y2 - y1)]
    return {"points": where, "outside": bool(left.get("outside")), "occluded": left.get("occluded")}
