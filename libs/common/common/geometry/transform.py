"""Translation and scaling of shapes."""

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
    """The shape moved by pixels to the right and down; a bitmap by whole pixels."""
    match geometry:
        case Bitmap():
            return geometry.model_copy(update={"x": geometry.x + round(dx), "y": geometry.y + round(dy)})
        case _:
            return _mapped(geometry, lambda x, y: (x + dx, y + dy))


def scale_geometry(geometry: Geometry, fx: float, fy: float, about: Point | None = None) -> Geometry:
    """The shape scaled about a point or its center. A circle stays a circle with the area of the resulting ellipse; a
    rotated box stays a rectangle with the area and the direction of the upper side of the resulting parallelogram."""
    about = about or center(geometry)
    if about is None:
        return geometry
    ox, oy = about

    def transform(x: float, y: float) -> Point:
        return ox + (x - ox) * fx, oy + (y - oy) * fy

    match geometry:
        case Box() if geometry.rotation != 0:
            return _scaled_box(geometry, fx, fy, transform)
        case Bitmap():
            return _scaled_bitmap(geometry, *transform(geometry.x, geometry.y), fx, fy)
        case Circle():
            return _mapped(geometry, transform).model_copy(update={"r": geometry.r * sqrt(fx * fy)})
        case Ellipse():
            return _mapped(geometry, transform).model_copy(update=_scaled_axes(geometry, fx, fy))
        case _:
            return _mapped(geometry, transform)


def _mapped(geometry: Geometry, transform: Callable[[float, float], Point]) -> Geometry:
    """The shape with its points, or its center, mapped by `transform`."""
    match geometry:
        case Box() | Line():
            (x1, y1), (x2, y2) = transform(geometry.x1, geometry.y1), transform(geometry.x2, geometry.y2)
            return geometry.model_copy(update={"x1": x1, "y1": y1, "x2": x2, "y2": y2})
        case Circle() | Ellipse():
            cx, cy = transform(geometry.cx, geometry.cy)
            return geometry.model_copy(update={"cx": cx, "cy": cy})
        case Rpy():
            x, y = transform(geometry.x, geometry.y)
            return geometry.model_copy(update={"x": x, "y": y})
        case _:
            return replace_points([transform(x, y) for x, y in points_of(geometry)], geometry)


def _scaled_box(box: Box, fx: float, fy: float, transform: Callable[[float, float], Point]) -> Box:
    cx, cy = transform((box.x1 + box.x2) / 2, (box.y1 + box.y2) / 2)
    right, down = cos(radians(box.rotation)) * fx, sin(radians(box.rotation)) * fy
    stretch = hypot(right, down)
    width, height = (box.x2 - box.x1) * stretch, (box.y2 - box.y1) * fx * fy / stretch
    return Box(
        x1=cx - width / 2,
        y1=cy - height / 2,
        x2=cx + width / 2,
        y2=cy + height / 2,
        # Whole turns are preserved.
        rotation=box.rotation + short_arc(degrees(atan2(down, right)) - box.rotation),
    )


def _scaled_axes(ellipse: Ellipse, fx: float, fy: float) -> dict[str, float]:
    """The half axes and rotation of a scaled ellipse: the singular values and vectors of the linear map from the unit
    circle. The axes keep their order."""
    c, s = cos(radians(ellipse.rotation)), sin(radians(ellipse.rotation))
    linear_map = np.array([[fx * c * ellipse.rx, -fx * s * ellipse.ry], [fy * s * ellipse.rx, fy * c * ellipse.ry]])
    directions, sizes, origins = np.linalg.svd(linear_map)
    first = int(np.argmax(np.abs(origins[:, 0])))
    is_round = sizes[0] - sizes[1] <= 1e-12 * sizes[0]
    x, y = linear_map[:, 0] if is_round else directions[:, first] * np.sign(origins[first, 0])
    rotation = ellipse.rotation + short_arc(degrees(atan2(y, x)) - ellipse.rotation)
    return {"rx": float(sizes[first]), "ry": float(sizes[1 - first]), "rotation": rotation}


def _scaled_bitmap(bitmap: Bitmap, x: float, y: float, fx: float, fy: float) -> Bitmap:
    """Scale by nearest neighbor: each pixel copies the one at the origin of its center."""
    if not bitmap.width or not bitmap.height:
        return bitmap
    left, top = round(x), round(y)
    right, bottom = max(round(x + bitmap.width * fx), left + 1), max(round(y + bitmap.height * fy), top + 1)
    height, width = Window(left, top, right, bottom).shape
    rows = ((np.arange(height) + 0.5) * bitmap.height / height).astype(np.int64)
    columns = ((np.arange(width) + 0.5) * bitmap.width / width).astype(np.int64)
    return encode_bitmap(decode_bitmap(bitmap)[np.ix_(rows, columns)], left, top)
