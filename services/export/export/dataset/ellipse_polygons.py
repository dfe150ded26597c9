"""Round shapes as polygons, for formats without round shapes."""

from math import ceil, cos, pi, radians, sin, sqrt

from common.geometry.types import Circle, Ellipse, Point

# The largest distance, in pixels, of the polygon from the curve.
_TOLERANCE = 0.05
_FEWEST, _MOST = 16, 720


def ellipse_contour(shape: Circle | Ellipse) -> list[Point]:
    """Points on a circle or ellipse, dense enough that lines between them stay within a twentieth of a pixel of it."""
    if isinstance(shape, Circle):
        shape = Ellipse.model_construct(cx=shape.cx, cy=shape.cy, rx=shape.r, ry=shape.r, rotation=0.0)
    along, across = cos(radians(shape.rotation)), sin(radians(shape.rotation))
    count = _corners(max(abs(shape.rx), abs(shape.ry)))
    points: list[Point] = []
    for number in range(count):
        x, y = shape.rx * cos(2 * pi * number / count), shape.ry * sin(2 * pi * number / count)
        points.append((shape.cx + x * along - y * across, shape.cy + x * across + y * along))
    return points


def _corners(radius: float) -> int:
    """A chord of 1/n of a circle lies r · (1 - cos(π/n)) ≈ r · π² / 2n² inside of it."""
    return min(max(ceil(pi * sqrt(radius / (2 * _TOLERANCE))), _FEWEST), _MOST)
