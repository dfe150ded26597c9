"""What holds of every shape, kind by kind: numbers that are finite and near, and a size."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from annotation.domain.edit_context import Medium
from annotation.domain.errors import Refusal
from common.geometry import masks
from common.geometry.rasterize import MOST_PIXELS
from common.geometry.shapes import is_simple
from common.geometry.types import (
    Bitmap,
    Box,
    Circle,
    Cuboid,
    Ellipse,
    Geometry,
    ImageTag,
    Keypoint,
    Line,
    Point,
    Points,
    Polygon,
    Polyline,
    Rpy,
    Skeleton,
)

MIN_SIDE = 1.0
# Far outside every picture, and far inside what arithmetic on coordinates can hold.
FARTHEST = 1_000_000.0
MAX_POINTS = 10_000
MAX_KEYPOINTS = 1000
# Larger than every picture; where the picture's size is known, that counts.
LARGEST_SIDE = 20_000
_ROUNDING = 1e-6


def check_numbers(*numbers: float) -> None:
    """Refuse coordinates that are not numbers or are far away."""
    for number in numbers:
        # NaN is in no range.
        if not -FARTHEST <= number <= FARTHEST:
            raise Refusal(f"Coordinates lie between -{FARTHEST:,.0f} and {FARTHEST:,.0f}.")


def check_points(points: Sequence[Point], least: int, what: str) -> None:
    """Refuse too few points or too many, and points that are far away."""
    if len(points) < least:
        raise Refusal(f"{what} has at least {least} points.")
    if len(points) > MAX_POINTS:
        raise Refusal(f"A shape has at most {MAX_POINTS:,} points; this one has {len(points):,}.")
    if not all(-FARTHEST <= x <= FARTHEST and -FARTHEST <= y <= FARTHEST for x, y in points):
        raise Refusal(f"Coordinates lie between -{FARTHEST:,.0f} and {FARTHEST:,.0f}.")


def check_keypoints(keypoints: Sequence[Keypoint]) -> None:
    """Refuse named points of which two have the same name, too many, or far ones."""
    if len(keypoints) > MAX_KEYPOINTS:
        raise Refusal(f"A shape has at most {MAX_KEYPOINTS:,} keypoints.")
    seen: set[str] = set()
    for point in keypoints:
        if point.name in seen:
            raise Refusal(f"There are two keypoints named {point.name}.")
        seen.add(point.name)
        check_numbers(point.x, point.y)


def check_angles(*degrees: float) -> None:
    """Refuse angles beyond half a turn."""
    if not all(-180 <= angle <= 180 for angle in degrees):
        raise Refusal("Roll, pitch and yaw lie between -180 and 180 degrees.")


def _box(box: Box, _: Medium) -> None:
    check_numbers(box.x1, box.y1, box.x2, box.y2, box.rotation)
    if min(box.x2 - box.x1, box.y2 - box.y1) < MIN_SIDE - _ROUNDING:
        raise Refusal(f"A box is at least {MIN_SIDE:g} pixel wide and high, with x1 < x2 and y1 < y2.")


def _polygon(polygon: Polygon, _: Medium) -> None:
    if not polygon.parts:
        raise Refusal("A polygon has at least one outline.")
    rings = [ring for part in polygon.parts for ring in (part.outer, *part.holes)]
    count = sum(map(len, rings))
    if count > MAX_POINTS:
        raise Refusal(f"A shape has at most {MAX_POINTS:,} points; this one has {count:,}.")
    for ring in rings:
        check_points(ring, 3, "An outline")


def check_simple(geometry: Geometry) -> None:
    """Refuse a polygon with an outline that crosses itself."""
    if isinstance(geometry, Polygon):
        rings = (ring for part in geometry.parts for ring in (part.outer, *part.holes))
        if not all(map(is_simple, rings)):
            raise Refusal("The outline crosses or touches itself; draw it without crossings.")


def _polyline(line: Polyline, _: Medium) -> None:
    check_points(line.points, 2, "A line")
    if all(point == line.points[0] for point in line.points):
        raise Refusal("A line has a length.")


def _points(points: Points, _: Medium) -> None:
    check_points(points.points, 1, "A shape")


def _skeleton(skeleton: Skeleton, _: Medium) -> None:
    if not skeleton.keypoints:
        raise Refusal("A skeleton has at least one point.")
    check_keypoints(skeleton.keypoints)


def check_bitmap_size(width: int, height: int, medium: Medium) -> None:
    """Refuse a bitmap that is larger than the picture, or than every picture where that is not known."""
    most_wide, most_high = medium.width or LARGEST_SIDE, medium.height or LARGEST_SIDE
    if width > most_wide or height > most_high or width * height > MOST_PIXELS:
        raise Refusal(f"A bitmap is at most {most_wide} × {most_high} pixels; this one is {width} × {height}.")


def _bitmap(bitmap: Bitmap, medium: Medium) -> None:
    check_bitmap_size(bitmap.width, bitmap.height, medium)
    check_numbers(bitmap.x, bitmap.y)
    if (wrong := masks.check(bitmap)) is not None:
        raise Refusal(f"{wrong[0].upper()}{wrong[1:]}.")
    if not masks.area(bitmap):
        raise Refusal("A bitmap has at least one pixel.")


def _circle(circle: Circle, _: Medium) -> None:
    check_numbers(circle.cx, circle.cy, circle.r)
    if circle.r < MIN_SIDE / 2 - _ROUNDING:
        raise Refusal(f"A circle is at least {MIN_SIDE:g} pixel wide.")


def _ellipse(ellipse: Ellipse, _: Medium) -> None:
    check_numbers(ellipse.cx, ellipse.cy, ellipse.rx, ellipse.ry, ellipse.rotation)
    if min(ellipse.rx, ellipse.ry) < MIN_SIDE / 2 - _ROUNDING:
        raise Refusal(f"An ellipse is at least {MIN_SIDE:g} pixel wide and high.")


def _line(line: Line, _: Medium) -> None:
    check_numbers(line.x1, line.y1, line.x2, line.y2)
    if (line.x1, line.y1) == (line.x2, line.y2):
        raise Refusal("A line has a length.")


def _cuboid(cuboid: Cuboid, _: Medium) -> None:
    if len(cuboid.points) != 8:
        raise Refusal(f"A cuboid has 8 points; this one has {len(cuboid.points)}.")
    check_points(cuboid.points, 8, "A cuboid")
    if all(point == cuboid.points[0] for point in cuboid.points):
        raise Refusal("A cuboid has a size.")


def _rpy(place: Rpy, _: Medium) -> None:
    check_numbers(place.x, place.y)
    check_angles(place.angles.roll, place.angles.pitch, place.angles.yaw)


def _whole(_: ImageTag, __: Medium) -> None:
    """All of the picture is always there."""


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
    "label": _whole,
}
