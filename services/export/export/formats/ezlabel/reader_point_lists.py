"""Geometry from ezLabel's point lists."""

from collections.abc import Callable, Sequence
from functools import partial
from math import atan2, cos, degrees, hypot, radians, sin

from common.geometry import types
from export.parsing.reasons import ReaderError

Ring = list[types.Point]
# Angles have as few decimals as reproduce the points, which are rounded themselves.
_MOST_DECIMALS = 9
_NEAR_PX = 0.0151


def geometry_of(kind: str, box_xyxy: Sequence[float] | None, text: str) -> types.Geometry:
    """The geometry of an annotation type, a box and a point list.

    Raises:
        ValueError: the data does not follow the format.
    """
    rings = _rings(text)
    if kind == "Label":
        return types.ImageTag()
    if kind == "PixelBased" or (not kind and rings):
        return types.Polygon(parts=_parts(rings))
    if kind in ("", "BoundingBox"):
        return _box(box_xyxy, rings[0][1] if rings else [])
    geometry = _OF_POINTS.get(kind)
    if geometry is None:
        raise ReaderError("annotation_type_unsupported", type=kind[:100])
    if len(rings) != 1:
        raise ReaderError("point_lists_count_wrong", count=len(rings))
    return geometry(rings[0][1])


def _rings(text: str) -> list[tuple[bool, Ring]]:
    """Point lists `x y;x y|!x y`: separated by `|`, holes start with `!`."""
    return [(ring.startswith("!"), _ring(ring.removeprefix("!"))) for ring in text.split("|")] if text else []


def _ring(text: str) -> Ring:
    points: Ring = []
    for pair in text.split(";"):
        x, y = pair.split()
        points.append((float(x), float(y)))
    return points


def _parts(rings: list[tuple[bool, Ring]]) -> list[types.Part]:
    parts: list[tuple[Ring, list[Ring]]] = []
    for is_hole, ring in rings:
        if not is_hole:
            parts.append((ring, []))
        elif not parts:
            raise ReaderError("hole_before_outline")
        else:
            parts[-1][1].append(ring)
    if not parts or any(len(outer) < 3 for outer, _ in parts):
        raise ReaderError("points_too_few", count=min((len(outer) for outer, _ in parts), default=0), minimum=3)
    return [types.Part(outer=outer, holes=holes) for outer, holes in parts]


def _box(corners_xyxy: Sequence[float] | None, rotated: Ring) -> types.Box:
    if corners_xyxy is None:
        raise ReaderError("box_incomplete")
    x1, y1, x2, y2 = corners_xyxy
    box = types.Box(x1=x1, y1=y1, x2=x2, y2=y2)
    if len(rotated) != 4:
        return box
    center = (x1 + x2) / 2, (y1 + y2) / 2
    corner = (x1, y1) if (x1, y1) != (x2, y2) else None
    if corner is None:
        return box
    angle = _angle(center, rotated[0]) - _angle(center, corner)
    return box.model_copy(update={"rotation": _rounded_angle(angle, center, corner, rotated[0])})


def _ellipse(points: Ring) -> types.Ellipse:
    center, along, across = points
    rx, ry = hypot(along[0] - center[0], along[1] - center[1]), hypot(across[0] - center[0], across[1] - center[1])
    rx, ry = round(rx, 2), round(ry, 2)
    # The longer axis gives the more precise angle.
    end, offset = (along, (rx, 0.0)) if rx >= ry else (across, (0.0, ry))
    start = center[0] + offset[0], center[1] + offset[1]
    rotation = _rounded_angle(_angle(center, end) - _angle(center, start), center, start, end) if rx or ry else 0.0
    return types.Ellipse(cx=center[0], cy=center[1], rx=rx, ry=ry, rotation=rotation)


def _circle(points: Ring) -> types.Circle:
    center, edge = points
    return types.Circle(cx=center[0], cy=center[1], r=round(abs(edge[0] - center[0]), 2))


def _line(points: Ring) -> types.Line:
    (x1, y1), (x2, y2) = points
    return types.Line(x1=x1, y1=y1, x2=x2, y2=y2)


def _skeleton(points: Ring) -> types.Skeleton:
    return types.Skeleton(
        keypoints=[types.Keypoint(name=str(number), x=x, y=y) for number, (x, y) in enumerate(points, 1)]
    )


def _cuboid(points: Ring) -> types.Cuboid:
    if len(points) != 8:
        raise ReaderError("points_count_wrong", count=len(points), expected=8)
    return types.Cuboid(points=points)


_OF_POINTS: dict[str, Callable[[Ring], types.Geometry]] = {
    "Polyline": lambda points: types.Polyline(points=points),
    "Points": lambda points: types.Points(points=points),
    "Skeleton": _skeleton,
    "Circle": _circle,
    "Ellipse": _ellipse,
    "Line": _line,
    "Cuboid": _cuboid,
}


def _angle(center: types.Point, point: types.Point) -> float:
    return degrees(atan2(point[1] - center[1], point[0] - center[0]))


def _rounded_angle(angle: float, center: types.Point, start: types.Point, end: types.Point) -> float:
    """The angle from 0 to 360 with the fewest decimals that rotates `begin` about `middle` to `end`."""
    rounded = map(partial(round, angle % 360), range(_MOST_DECIMALS))
    return next((candidate % 360 for candidate in rounded if _rotates(candidate, center, start, end)), angle % 360)


def _rotates(angle: float, center: types.Point, start: types.Point, end: types.Point) -> bool:
    cosine, sine = cos(radians(angle)), sin(radians(angle))
    x, y = start[0] - center[0], start[1] - center[1]
    error = x * cosine - y * sine + center[0] - end[0], x * sine + y * cosine + center[1] - end[1]
    return abs(error[0]) <= _NEAR_PX and abs(error[1]) <= _NEAR_PX
