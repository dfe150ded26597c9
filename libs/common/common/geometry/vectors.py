"""A geometry as a row of numbers and back: two geometries of one structure have rows of the same meaning."""

from collections.abc import Hashable, Iterable, Iterator, Sequence
from itertools import chain

from pydantic import TypeAdapter

from common.geometry import types

Vector = Sequence[float]
_KEYPOINTS = TypeAdapter(list[types.Keypoint])
# Which columns of a row are angles in degrees.
ANGLE_COLUMNS = {"bbox": slice(4, 5), "ellipse": slice(4, 5), "rpy": slice(2, 5)}


def vector_layout(geometry: types.Geometry) -> Hashable:
    """What two geometries must have in common for their rows to mean the same; every bitmap and every label is a
    structure of its own and has no row."""
    match geometry:
        case types.Polygon():
            return "polygon", tuple((len(part.outer), *map(len, part.holes)) for part in geometry.parts)
        case types.Polyline() | types.Points() | types.Cuboid():
            return geometry.kind, len(geometry.points)
        case types.Skeleton():
            return "skeleton", tuple(point.name for point in geometry.keypoints)
        case _:
            return geometry.kind


def to_vector(geometry: types.Geometry) -> list[float]:
    """All its coordinates and angles."""
    match geometry:
        case types.Box():
            return [geometry.x1, geometry.y1, geometry.x2, geometry.y2, geometry.rotation]
        case types.Circle():
            return [geometry.cx, geometry.cy, geometry.r]
        case types.Ellipse():
            return [geometry.cx, geometry.cy, geometry.rx, geometry.ry, geometry.rotation]
        case types.Line():
            return [geometry.x1, geometry.y1, geometry.x2, geometry.y2]
        case types.Rpy():
            return [geometry.x, geometry.y, *angles_to_vector(geometry.angles)]
        case _:
            return list(chain.from_iterable(points_of(geometry)))


def points_of(geometry: types.Geometry) -> Iterable[types.Point]:
    """The points of a geometry that is nothing but points."""
    match geometry:
        case types.Polygon():
            return chain.from_iterable(ring for part in geometry.parts for ring in (part.outer, *part.holes))
        case types.Polyline() | types.Points() | types.Cuboid():
            return geometry.points
        case types.Skeleton():
            return ((point.x, point.y) for point in geometry.keypoints)
        case _:
            return ()


def angles_to_vector(angles: types.Angles) -> list[float]:
    """Roll, pitch and yaw."""
    return [angles.roll, angles.pitch, angles.yaw]


def angles_from_vector(row: Vector) -> types.Angles:
    """The angles whose row it is."""
    return types.Angles(roll=row[0], pitch=row[1], yaw=row[2])


def from_vector(row: Vector, like: types.Geometry) -> types.Geometry:
    """The geometry whose row it is; what has no number is as in `like`."""
    match like:
        case types.Box():
            return types.Box(x1=row[0], y1=row[1], x2=row[2], y2=row[3], rotation=row[4])
        case types.Circle():
            return types.Circle(cx=row[0], cy=row[1], r=row[2])
        case types.Ellipse():
            return types.Ellipse(cx=row[0], cy=row[1], rx=row[2], ry=row[3], rotation=row[4])
        case types.Line():
            return types.Line(x1=row[0], y1=row[1], x2=row[2], y2=row[3], dashed=like.dashed)
        case types.Rpy():
            return types.Rpy(x=row[0], y=row[1], angles=angles_from_vector(row[2:]))
        case _:
            return replace_points(zip(row[::2], row[1::2], strict=True), like)


def replace_points(points: Iterable[types.Point], like: types.Geometry) -> types.Geometry:
    """A geometry of other points; one that is not only points stays as it is."""
    remaining = iter(points)
    match like:
        case types.Polygon():
            parts = [
                {"outer": _take(len(part.outer), remaining), "holes": [_take(len(h), remaining) for h in part.holes]}
                for part in like.parts
            ]
            return types.Polygon.model_validate({"parts": parts})
        case types.Polyline() | types.Points() | types.Cuboid():
            return type(like)(points=list(remaining))
        case types.Skeleton():
            return types.Skeleton(keypoints=move_keypoints(remaining, like.keypoints))
        case _:
            return like


def move_keypoints(points: Iterable[types.Point], like: Iterable[types.Keypoint]) -> list[types.Keypoint]:
    """The keypoints at other places."""
    # Made by one call, 17 points take 42 µs instead of 57.
    return _KEYPOINTS.validate_python(
        [{"name": one.name, "x": x, "y": y, "visible": one.visible} for (x, y), one in zip(points, like, strict=True)]
    )


def _take(count: int, points: Iterator[types.Point]) -> list[types.Point]:
    return [next(points) for _ in range(count)]
