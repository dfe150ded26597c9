"""Shapes as CVAT's task annotations store them: a type, a list of numbers and a rotation."""

from collections.abc import Iterable
from typing import NamedTuple

from common.geometry import types
from common.geometry.masks import rasterize
from export.dataset.media import ExportMedium
from export.dataset.track import Corners

DECIMALS = 2
# CVAT lists the corners of a cuboid in pairs, top and bottom, and those of the far face as seen from behind: its name
# of each corner and our index.
CUBOID_CORNERS = {"tl1": 0, "bl1": 3, "tr1": 1, "br1": 2, "tl2": 5, "bl2": 6, "tr2": 4, "br2": 7}


class CvatShape(NamedTuple):
    """A shape; `rotation` is at least 0 and below 360 degrees."""

    type: str
    points: list[float]
    rotation: float = 0.0


def is_pixels(shape: Corners | types.Geometry) -> bool:
    """Whether CVAT stores the shape as a mask, which cannot be tracked."""
    if isinstance(shape, types.Polygon):
        return len(shape.parts) > 1 or any(part.holes for part in shape.parts)
    return isinstance(shape, types.Bitmap)


def cvat_shape(shape: Corners | types.Geometry, medium: ExportMedium) -> CvatShape | None:  # noqa: PLR0911  one a kind
    """The shape; None where CVAT rejects it because it is empty or has too few points."""
    match shape:
        case tuple():
            return CvatShape("rectangle", numbers([shape[:2], shape[2:4]]), _rotation(shape[4]))
        case types.Polygon() | types.Bitmap() if is_pixels(shape):
            return _mask(shape, medium)
        case types.Polygon(parts=[part]):
            return _with_points("polygon", part.outer, 3)
        case types.Polyline(points=points) | types.Points(points=points):
            return _with_points(shape.kind, points, 1 if isinstance(shape, types.Points) else 2)
        case types.Line(x1=x1, y1=y1, x2=x2, y2=y2):
            return CvatShape("polyline", numbers([(x1, y1), (x2, y2)]))
        case types.Circle(cx=cx, cy=cy, r=r):
            return CvatShape("ellipse", numbers([(cx, cy), (cx + r, cy - r)]))
        case types.Ellipse(cx=cx, cy=cy, rx=rx, ry=ry):
            return CvatShape("ellipse", numbers([(cx, cy), (cx + rx, cy - ry)]), _rotation(shape.rotation))
        case types.Cuboid(points=points) if len(points) == len(CUBOID_CORNERS):
            return CvatShape("cuboid", numbers(points[at] for at in CUBOID_CORNERS.values()))
        case types.Skeleton():
            return CvatShape("skeleton", [])
    return None


def numbers(points: Iterable[types.Point]) -> list[float]:
    """The points as a flat list of numbers."""
    return [round(number, DECIMALS) for point in points for number in point]


def _with_points(kind: str, points: list[types.Point], minimum: int) -> CvatShape | None:
    return CvatShape(kind, numbers(points)) if len(points) >= minimum else None


def _rotation(rotation: float) -> float:
    return round(rotation % 360, DECIMALS) % 360


def _mask(shape: types.Polygon | types.Bitmap, medium: ExportMedium) -> CvatShape | None:
    try:
        bitmap = rasterize(shape, (medium.width, medium.height))
    except ValueError:
        return None
    if not bitmap.width:
        return None
    last = (bitmap.x + bitmap.width - 1, bitmap.y + bitmap.height - 1)
    return CvatShape("mask", [*bitmap.runs, bitmap.x, bitmap.y, *last])
