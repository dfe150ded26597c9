"""Where a shape is on the picture, and the same shape elsewhere or in another size."""

from collections.abc import Callable
from math import atan2, cos, degrees, hypot, radians, sin, sqrt

import numpy as np

from common.geometry.angles import short_arc
from common.geometry.bounds import center
from common.geometry.masks import decode_bitmap, encode_bitmap
from common.geometry.rasterize import Window
from common.geometry.types import Bitmap, Box, Circle, Ellipse, Geometry, Line, Point, Rpy
from common.geometry.vectors import points_of, replace_points


def translate_geometry(geometry: Geometry, dx: float, dy: float) -> Geometry:
    """The shape so many pixels further right and down; a bitmap so many whole pixels."""
    match geometry:
        case Bitmap():
            return geometry.model_copy(update={"x": geometry.x + round(dx), "y": geometry.y + round(dy)})
        case _:
            return _placed(geometry, lambda x, y: (x + dx, y + dy))


def scale_geometry(geometry: Geometry, fx: float, fy: float, about: Point | None = None) -> Geometry:
    """The shape so many times as wide and high, about a point or its centre. A circle stays one, of the same area as
    the ellipse it would be; a turned box stays one, of the same area and with its upper side where that would be."""
    about = about or center(geometry)
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
            return replace_points([there(x, y) for x, y in points_of(geometry)], geometry)


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
        rotation=box.rotation + short_arc(degrees(atan2(down, right)) - box.rotation),
    )


def _scaled_axes(ellipse: Ellipse, fx: float, fy: float) -> dict[str, float]:
    """The half axes and the turn of the ellipse that a scaled ellipse is: those of the linear map that takes the unit
    circle to it (its singular values), the first axis being the one that the first was."""
    c, s = cos(radians(ellipse.rotation)), sin(radians(ellipse.rotation))
    way = np.array([[fx * c * ellipse.rx, -fx * s * ellipse.ry], [fy * s * ellipse.rx, fy * c * ellipse.ry]])
    directions, sizes, origins = np.linalg.svd(way)
    first = int(np.argmax(np.abs(origins[:, 0])))
    is_round = sizes[0] - sizes[1] <= 1e-12 * sizes[0]
    x, y = way[:, 0] if is_round else directions[:, first] * np.sign(origins[first, 0])
    turned = ellipse.rotation + short_arc(degrees(atan2(y, x)) - ellipse.rotation)
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
    return encode_bitmap(decode_bitmap(bitmap)[np.ix_(rows, columns)], left, top)
