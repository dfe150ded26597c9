"""Bounding boxes: the smallest upright box around a shape, in pixels.

bounds(geometry)    # (x1, y1, x2, y2), None for a tag of the whole image and for a shape without points
center(geometry)    # the center of that box
"""

from common.geometry.boxes import Bounds, corners, ellipse_bounds
from common.geometry.masks import bitmap_window
from common.geometry.types import Bitmap, Box, Circle, Ellipse, Geometry, Line, Point, Rpy
from common.geometry.vectors import points_of


def bounds(geometry: Geometry) -> Bounds | None:
    """x1, y1, x2, y2 of the smallest upright box around a shape; None if it has no points, or covers the image."""
    match geometry:
        case Circle() | Ellipse():
            return ellipse_bounds(geometry)
        case Bitmap():
            window = bitmap_window(geometry)
            return (window.x1, window.y1, window.x2, window.y2) if window else None
    points = _outermost_points(geometry)
    if not points:
        return None
    xs, ys = zip(*points, strict=True)
    return min(xs), min(ys), max(xs), max(ys)


def center(geometry: Geometry) -> Point | None:
    """The center of the bounds; None if there are none."""
    if (box := bounds(geometry)) is None:
        return None
    x1, y1, x2, y2 = box
    return (x1 + x2) / 2, (y1 + y2) / 2


def _outermost_points(geometry: Geometry) -> list[Point]:
    match geometry:
        case Box():
            return corners(geometry)
        case Line():
            return [(geometry.x1, geometry.y1), (geometry.x2, geometry.y2)]
        case Rpy():
            return [(geometry.x, geometry.y)]
        case _:
            return list(points_of(geometry))
