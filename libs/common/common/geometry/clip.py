"""Shapes cut to the picture."""

from collections.abc import Sequence
from math import cos, radians, sin

import numpy as np
from numpy.typing import NDArray

from common.geometry import types
from common.geometry.bounds import bounds
from common.geometry.boxes import corners
from common.geometry.masks import bitmap_area, rasterize
from common.geometry.rings import drop_repeated_points, signed_area

Floats = NDArray[np.float64]

# The border of the circle of radius 1: 256 points, between which it is cut as if it were straight.
_ROUND = np.stack([np.cos(np.arange(256) * np.pi / 128), np.sin(np.arange(256) * np.pi / 128)], axis=1)


def clip_to_image(geometry: types.Geometry, width: int, height: int) -> types.Geometry | None:
    """What of a shape is on a picture; None if nothing is.

    A turned box or ellipse and a circle stay what they are: as large as holds what is on the picture, a circle as large
    as fits into the upright box of that. A line that leaves and comes back runs along the border in between. Points and
    keypoints off the picture go; a cuboid's corners move onto the border.
    """
    if isinstance(geometry, types.ImageTag):
        return geometry
    around = bounds(geometry)
    if around is None or around[0] > width or around[1] > height or around[2] < 0 or around[3] < 0:
        return None
    if around[0] >= 0 and around[1] >= 0 and around[2] <= width and around[3] <= height:
        return geometry
    return _cut_to(geometry, width, height)


def _cut_to(geometry: types.Geometry, width: int, height: int) -> types.Geometry | None:
    match geometry:
        case types.Bitmap():
            cut = rasterize(geometry, (width, height))
            return cut if bitmap_area(cut) else None
        case types.Box() | types.Ellipse() | types.Circle():
            return _turned(geometry, width, height)
        case types.Polygon():
            parts = [part for part in (_part(part, width, height) for part in geometry.parts) if part]
            return types.Polygon(parts=parts) if parts else None
        case types.Polyline() | types.Line():
            return _line(geometry, width, height)
        case _:
            return _points(geometry, width, height)


def _points(geometry: types.Geometry, width: int, height: int) -> types.Geometry | None:
    match geometry:
        case types.Cuboid():
            return types.Cuboid(points=np.clip(np.array(geometry.points), 0, (width, height)).tolist())
        case types.Points():
            kept = [point for point in geometry.points if _is_on(*point, width, height)]
            return types.Points(points=kept) if kept else None
        case types.Skeleton():
            known = [point for point in geometry.keypoints if _is_on(point.x, point.y, width, height)]
            return types.Skeleton(keypoints=known) if known else None
        case _:
            return None


def _is_on(x: float, y: float, width: int, height: int) -> bool:
    return 0 <= x <= width and 0 <= y <= height


def _clipped(points: Floats, width: int, height: int, *, closed: bool) -> Floats:
    """What of a ring, or of a line, [n, 2] is on the picture: cut along one border after the other (Sutherland and
    Hodgman 1974)."""
    for axis, sign, limit in ((0, -1.0, 0.0), (0, 1.0, float(width)), (1, -1.0, 0.0), (1, 1.0, float(height))):
        points = _cut(points, axis, sign, limit, closed=closed)
    # A crossing between two points on a border may be off it by the last digit.
    return np.clip(points, 0.0, (float(width), float(height)))


def _cut(points: Floats, axis: int, sign: float, limit: float, *, closed: bool) -> Floats:
    """What of it has a coordinate `axis` up to (sign 1) or from (sign -1) the limit on: each point that is inside, and
    before each the crossing on the way from the point before it, if there is one."""
    beyond = sign * (points[:, axis] - limit)
    before = np.roll(beyond, 1)
    crosses = (beyond > 0) != (before > 0)
    if not closed:
        crosses[:1] = False
    # Where nothing crosses there is no such place; those are left out below.
    share = np.divide(before, before - beyond, out=np.zeros_like(before), where=crosses)[:, None]
    crossings = np.roll(points, 1, axis=0) * (1 - share) + points * share
    crossings[:, axis] = limit
    both = np.stack([crossings, points], axis=1).reshape(-1, 2)
    return np.asarray(both[np.stack([crosses, beyond <= 0], axis=1).ravel()])


def _ring(points: Sequence[types.Point], width: int, height: int) -> list[types.Point]:
    """The ring on the picture; empty if no area of it is."""
    cut = _clipped(np.array(points, np.float64).reshape(-1, 2), width, height, closed=True)
    ring = drop_repeated_points(cut, closed=True)
    return ring.tolist() if len(ring) > 2 and signed_area(ring) else []


def _part(part: types.Part, width: int, height: int) -> types.Part | None:
    outer = _ring(part.outer, width, height)
    holes = (_ring(hole, width, height) for hole in part.holes)
    return types.Part(outer=outer, holes=[hole for hole in holes if hole]) if outer else None


def _line(line: types.Polyline | types.Line, width: int, height: int) -> types.Geometry | None:
    ends = line.points if isinstance(line, types.Polyline) else [(line.x1, line.y1), (line.x2, line.y2)]
    cut = _clipped(np.array(ends, np.float64).reshape(-1, 2), width, height, closed=False)
    kept = drop_repeated_points(cut, closed=False).tolist()
    if len(kept) < 2:
        return None
    if isinstance(line, types.Polyline):
        return types.Polyline(points=kept)
    (x1, y1), (x2, y2) = kept
    return line.model_copy(update={"x1": x1, "y1": y1, "x2": x2, "y2": y2})


def _turned(geometry: types.Box | types.Ellipse | types.Circle, width: int, height: int) -> types.Geometry | None:
    rotation = 0.0 if isinstance(geometry, types.Circle) else geometry.rotation
    cut = _turned_bounds(_border(geometry), rotation, width, height)
    if cut is None:
        return None
    x1, y1, x2, y2 = cut
    rx, ry = (x2 - x1) / 2, (y2 - y1) / 2
    match geometry:
        case types.Box():
            return types.Box(x1=x1, y1=y1, x2=x2, y2=y2, rotation=rotation)
        case types.Ellipse():
            return types.Ellipse(cx=x1 + rx, cy=y1 + ry, rx=rx, ry=ry, rotation=rotation)
        case types.Circle():
            return types.Circle(cx=x1 + rx, cy=y1 + ry, r=min(rx, ry))


def _border(geometry: types.Box | types.Ellipse | types.Circle) -> Floats:
    match geometry:
        case types.Box():
            return np.array(corners(geometry))
        case types.Ellipse():
            axes = _about_origin(_ROUND * (geometry.rx, geometry.ry), geometry.rotation)
        case types.Circle():
            axes = _ROUND * geometry.r
    return np.add(axes, (geometry.cx, geometry.cy))


def _turned_bounds(
    border: Floats, rotation: float, width: int, height: int
) -> tuple[float, float, float, float] | None:
    """x1, y1, x2, y2 of the smallest box turned by `rotation` about its centre that holds what of a border [n, 2] is
    on the picture; None if nothing is."""
    on_it = _clipped(border, width, height, closed=True)
    if len(on_it) < 3 or not signed_area(on_it):
        return None
    straight = _about_origin(on_it, -rotation)
    low, high = straight.min(axis=0), straight.max(axis=0)
    cx, cy = _about_origin((low + high)[None] / 2, rotation)[0].tolist()
    half_width, half_height = ((high - low) / 2).tolist()
    return cx - half_width, cy - half_height, cx + half_width, cy + half_height


def _about_origin(points: Floats, rotation: float) -> Floats:
    """Points [n, 2] turned about the origin by degrees clockwise."""
    c, s = cos(radians(rotation)), sin(radians(rotation))
    return np.asarray(points @ np.array([[c, s], [-s, c]]))
