"""Checks of every kind of geometry: finite coordinates within range, and a size."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from annotation.domain.edit_context import Medium
from annotation.domain.errors import EditRefused
from common.geometry import masks, types
from common.geometry.rasterize import MAX_PIXELS
from common.geometry.validity import is_simple

MIN_SIDE = 1
# Far outside every image, and far within the precision of coordinates.
MAX_COORDINATE = 1_000_000
MAX_POINTS = 10_000
MAX_KEYPOINTS = 1000
# Larger than every image; a known image size takes precedence.
MAX_BITMAP_SIDE = 20_000
_ROUNDING = 1e-6


def check_numbers(*numbers: float) -> None:
    """Refuse coordinates that are NaN or out of range."""
    for number in numbers:
        # False for NaN, too.
        if not -MAX_COORDINATE <= number <= MAX_COORDINATE:
            raise EditRefused("coordinate_out_of_range", limit=MAX_COORDINATE)


def check_points(points: Sequence[types.Point], minimum: int) -> None:
    """Refuse too few or too many points, and points out of range."""
    if len(points) < minimum:
        raise EditRefused("too_few_points", minimum=minimum)
    if len(points) > MAX_POINTS:
        raise EditRefused("too_many_points", limit=MAX_POINTS, count=len(points))
    if not all(-MAX_COORDINATE <= x <= MAX_COORDINATE and -MAX_COORDINATE <= y <= MAX_COORDINATE for x, y in points):
        raise EditRefused("coordinate_out_of_range", limit=MAX_COORDINATE)


def check_keypoints(keypoints: Sequence[types.Keypoint]) -> None:
    """Refuse too many keypoints, duplicate names, and coordinates out of range."""
    if len(keypoints) > MAX_KEYPOINTS:
        raise EditRefused("too_many_keypoints", limit=MAX_KEYPOINTS)
    seen: set[str] = set()
    for point in keypoints:
        if point.name in seen:
            raise EditRefused("duplicate_keypoint", name=point.name)
        seen.add(point.name)
        check_numbers(point.x, point.y)


def check_angles(*degrees: float) -> None:
    """Refuse angles beyond half a turn."""
    if not all(-180 <= angle <= 180 for angle in degrees):
        raise EditRefused("angle_out_of_range")


def _box(box: types.Box, _: Medium) -> None:
    check_numbers(box.x1, box.y1, box.x2, box.y2, box.rotation)
    if min(box.x2 - box.x1, box.y2 - box.y1) < MIN_SIDE - _ROUNDING:
        raise EditRefused("box_too_small", minimum=MIN_SIDE)


def _polygon(polygon: types.Polygon, _: Medium) -> None:
    if not polygon.parts:
        raise EditRefused("polygon_without_outline")
    rings = [ring for part in polygon.parts for ring in (part.outer, *part.holes)]
    count = sum(map(len, rings))
    if count > MAX_POINTS:
        raise EditRefused("too_many_points", limit=MAX_POINTS, count=count)
    for ring in rings:
        check_points(ring, 3)


def check_simple(geometry: types.Geometry) -> None:
    """Refuse a polygon with a self-intersecting outline."""
    if isinstance(geometry, types.Polygon):
        rings = (ring for part in geometry.parts for ring in (part.outer, *part.holes))
        if not all(map(is_simple, rings)):
            raise EditRefused("self_intersecting_outline")


def _polyline(line: types.Polyline, _: Medium) -> None:
    check_points(line.points, 2)
    if all(point == line.points[0] for point in line.points):
        raise EditRefused("zero_length_line")


def _points(points: types.Points, _: Medium) -> None:
    check_points(points.points, 1)


def _skeleton(skeleton: types.Skeleton, _: Medium) -> None:
    if not skeleton.keypoints:
        raise EditRefused("empty_skeleton")
    check_keypoints(skeleton.keypoints)


def check_bitmap_size(width: int, height: int, medium: Medium) -> None:
    """Refuse a bitmap larger than the image, or than any image if the size is unknown."""
    max_width, max_height = medium.width or MAX_BITMAP_SIDE, medium.height or MAX_BITMAP_SIDE
    if width > max_width or height > max_height or width * height > MAX_PIXELS:
        raise EditRefused("bitmap_too_large", max_width=max_width, max_height=max_height, width=width, height=height)


def _bitmap(bitmap: types.Bitmap, medium: Medium) -> None:
    check_bitmap_size(bitmap.width, bitmap.height, medium)
    check_numbers(bitmap.x, bitmap.y)
    if masks.bitmap_error(bitmap) is not None:
        raise EditRefused("invalid_bitmap", width=bitmap.width, height=bitmap.height)
    if not masks.bitmap_area(bitmap):
        raise EditRefused("empty_bitmap")


def _circle(circle: types.Circle, _: Medium) -> None:
    check_numbers(circle.cx, circle.cy, circle.r)
    if circle.r < MIN_SIDE / 2 - _ROUNDING:
        raise EditRefused("circle_too_small", minimum=MIN_SIDE)


def _ellipse(ellipse: types.Ellipse, _: Medium) -> None:
    check_numbers(ellipse.cx, ellipse.cy, ellipse.rx, ellipse.ry, ellipse.rotation)
    if min(ellipse.rx, ellipse.ry) < MIN_SIDE / 2 - _ROUNDING:
        raise EditRefused("ellipse_too_small", minimum=MIN_SIDE)


def _line(line: types.Line, _: Medium) -> None:
    check_numbers(line.x1, line.y1, line.x2, line.y2)
    if (line.x1, line.y1) == (line.x2, line.y2):
        raise EditRefused("zero_length_line")


def _cuboid(cuboid: types.Cuboid, _: Medium) -> None:
    if len(cuboid.points) != 8:
        raise EditRefused("wrong_cuboid_point_count", count=len(cuboid.points))
    check_points(cuboid.points, 8)
    if all(point == cuboid.points[0] for point in cuboid.points):
        raise EditRefused("zero_size_cuboid")


def _rpy(shape: types.Rpy, _: Medium) -> None:
    check_numbers(shape.x, shape.y)
    check_angles(shape.angles.roll, shape.angles.pitch, shape.angles.yaw)


def _label(_: types.ImageTag, __: Medium) -> None:
    """A file label covers the whole image."""


GEOMETRY_CHECKS: Mapping[str, Callable[[Any, Medium], None]] = {
    "bbox": _box,
    "polygon": _polygon,
    "polyline": _polyline,
    "points": _points,
    "skeleton": _skeleton,
    "bitmap": _bitmap,
    "circle": _circle,
    "ellipse": _ellipse,
    "line": _line,
    "cuboid": _cuboid,
    "rpy": _rpy,
    "label": _label,
}
