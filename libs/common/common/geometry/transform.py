"""Where a shape is on the picture, and the same shape elsewhere or in another size."""

from collections.abc import Callable
from math import atan2, cos, degrees, hypot, radians, sin, sqrt

import numpy as np

from common.geometry.masks import bitmap_of, extent, mask_of
from common.geometry.rasterize import Window
from common.geometry.types import Bitmap, Box, Circle, Ellipse, Geometry, Line, Point, Rpy
from common.geometry.vectors import corners, extent_of_ellipse, points_of, with_points

Bounds = tuple[float, float, float, float]


def bounds(geometry: Geometry) -> Bounds | None:
    """x1, y1, x2, y2 of the smallest upright box around it; None if it is nowhere or the whole picture."""
    match geometry:
        case Circle() | Ellipse():
            return extent_of_ellipse(geometry)
        case Bitmap():
            window = extent(geometry)
            return (window.x1, window.y1, window.x2, window.y2) if window else None
    points = _outermost(geometry)
    if not points:
        return None
    xs, ys = zip(*points, strict=True)
    return min(xs), min(ys), max(xs), max(ys)


def _outermost(geometry: Geometry) -> list[Point]:
    match geometry:
        case Box():
            return corners(geometry)
        case Line():
            return [(geometry.x1, geometry.y1), (geometry.x2, geometry.y2)]
        case Rpy():
            return [(geometry.x, geometry.y)]
        case _:
            return list(points_of(geometry))


def centre(geometry: Geometry) -> Point | None:
    """The middle of the smallest upright box around it; None if that has none."""
    found = bounds(geometry)
    return ((found[0] + found[2]) / 2, (found[1] + found[3]) / 2) if found else None


def moved(geometry: Geometry, dx: float, dy: float) -> Geometry:
    """The shape so many pixels further right and down; a bitmap so many whole pixels."""
    match geometry:
        case Bitmap():
            return geometry.model_copy(update={"x": geometry.x + round(dx), "y": geometry.y + round(dy)})
        case _:
            return _placed(geometry, lambda x, y: (x + dx, y + dy))


def scaled(geometry: Geometry, fx: float, fy: float, about: Point | None = None) -> Geometry:
    """The shape so many times as wide and high, about a point or its centre. A circle stays one, of the same area as
    the ellipse it would be; a turned box stays one, of the same area and with its upper side where that would be."""
    about = about or centre(geometry)
    if about is None:
        return geometry
    ox, oy = about

    def there(x: float, y: float) -> Point:
        return ox + (x - ox) * fx, oy + (y - oy) * fy

    match geometry:
        case Box() if geometry.rotation != 0:
            return _scaled_box(geometry, fx, fy, there)
        case Bitmap():
            return _scaled_bitmap(geometry, *there(geometry.x, geometry.y), fx, fy)
        case Circle():
            return _placed(geometry, there).model_copy(update={"r": geometry.r * sqrt(fx * fy)})
        case Ellipse():
            return _placed(geometry, there).model_copy(update=_scaled_axes(geometry, fx, fy))
        case _:
            return _placed(geometry, there)


def _placed(geometry: Geometry, there: Callable[[float, float], Point]) -> Geometry:
    """The shape with its points, or its centre, where `there` says."""
    match geometry:
        case Box() | Line():
            (x1, y1), (x2, y2) = there(geometry.x1, geometry.y1), there(geometry.x2, geometry.y2)
            return geometry.model_copy(update={"x1": x1, "y1": y1, "x2": x2, "y2": y2})
        case Circle() | Ellipse():
            cx, cy = there(geometry.cx, geometry.cy)
            return geometry.model_copy(update={"cx": cx, "cy": cy})
        case Rpy():
            x, y = there(geometry.x, geometry.y)
            return geometry.model_copy(update={"x": x, "y": y})
        case _:
            return with_points([there(x, y) for x, y in points_of(geometry)], geometry)


def _scaled_box(box: Box, fx: float, fy: float, there: Callable[[float, float], Point]) -> Box:
    cx, cy = there((box.x1 + box.x2) / 2, (box.y1 + box.y2) / 2)
    right, down = cos(radians(box.rotation)) * fx, sin(radians(box.rotation)) * fy
    wider = hypot(right, down)
    width, height = (box.x2 - box.x1) * wider, (box.y2 - box.y1) * fx * fy / wider
    return Box(
        x1=cx - width / 2,
        y1=cy - height / 2,
        x2=cx + width / 2,
        y2=cy + height / 2,
        # Whole turns that a keyframe was given stay.
        rotation=box.rotation + _turn(degrees(atan2(down, right)) - box.rotation),
    )


def _turn(angle: float) -> float:
    return 180.0 - (180.0 - angle) % 360.0


def _scaled_axes(ellipse: Ellipse, fx: float, fy: float) -> dict[str, float]:
    """The half axes and the turn of the ellipse that a scaled ellipse is: those of the linear map that takes the unit
    circle to it (its singular values), the first axis being the one that the first was."""
    c, s = cos(radians(ellipse.rotation)), sin(radians(ellipse.rotation))
    way = np.array([[fx * c * ellipse.rx, -fx * s * ellipse.ry], [fy * s * ellipse.rx, fy * c * ellipse.ry]])
    directions, sizes, origins = np.linalg.svd(way)
    first = int(np.argmax(np.abs(origins[:, 0])))
    is_round = sizes[0] - sizes[1] <= 1e-12 * sizes[0]
    x, y = way[:, 0] if is_round else directions[:, first] * np.sign(origins[first, 0])
    turned = ellipse.rotation + _turn(degrees(atan2(y, x)) - ellipse.rotation)
    return {"rx": float(sizes[first]), "ry": float(sizes[1 - first]), "rotation": turned}


def _scaled_bitmap(bitmap: Bitmap, x: float, y: float, fx: float, fy: float) -> Bitmap:
    """Each pixel takes after the one from which its centre comes."""
    if not bitmap.width or not bitmap.height:
        return bitmap
    left, top = round(x), round(y)
    right, bottom = max(round(x + bitmap.width * fx), left + 1), max(round(y + bitmap.height * fy), top + 1)
    height, width = Window(left, top, right, bottom).shape
    rows = ((np.arange(height) + 0.5) * bitmap.height / height).astype(np.int64)
    columns = ((np.arange(width) + 0.5) * bitmap.width / width).astype(np.int64)
    return bitmap_of(mask_of(bitmap)[np.ix_(rows, columns)], left, top)
