"""Shapes clipped to the image; valid polygons by GEOS, through shapely."""

from collections.abc import Iterator, Sequence
from math import cos, radians, sin

import numpy as np
import shapely
from numpy.typing import NDArray

from common.geometry import types
from common.geometry.bounds import bounds
from common.geometry.boxes import corners
from common.geometry.masks import bitmap_area, rasterize
from common.geometry.rings import drop_repeated_points, signed_area

Floats = NDArray[np.float64]

# The circle of radius 1 as a polygon of 256 points.
_ROUND = np.stack([np.cos(np.arange(256) * np.pi / 128), np.sin(np.arange(256) * np.pi / 128)], axis=1)


def clip_to_image(geometry: types.Geometry, width: int, height: int) -> types.Geometry | None:
    """The part of a shape on an image of `width` by `height` pixels; None if none is.

    A rotated box or ellipse and a circle keep their kind: the smallest that holds the visible part; a circle has the
    radius that fits into the upright box of it. A polygon that leaves the image and comes back has several parts, a
    line runs along the border in between. Points and keypoints off the image are dropped; the corners of a cuboid move
    onto the border.
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
            return _polygon(geometry, width, height)
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


def _clip(points: Floats, width: int, height: int, *, closed: bool) -> Floats:
    """The part of a ring or line [n, 2] on the image: cut along one border after the other (Sutherland and Hodgman
    1974)."""
    for axis, sign, limit in ((0, -1.0, 0.0), (0, 1.0, float(width)), (1, -1.0, 0.0), (1, 1.0, float(height))):
        points = _cut(points, axis, sign, limit, closed=closed)
    # An intersection with one border may be off another by the last digit.
    return np.clip(points, 0.0, (float(width), float(height)))


def _cut(points: Floats, axis: int, sign: float, limit: float, *, closed: bool) -> Floats:
    """The points whose coordinate `axis` is at most (sign 1) or at least (sign -1) the limit, with the intersections
    where a side crosses it."""
    excess = sign * (points[:, axis] - limit)
    previous = np.roll(excess, 1)
    crosses = (excess > 0) != (previous > 0)
    if not closed:
        crosses[:1] = False
    # Zero where a side does not cross; such intersections are left out below.
    share = np.divide(previous, previous - excess, out=np.zeros_like(previous), where=crosses)[:, None]
    intersections = np.roll(points, 1, axis=0) * (1 - share) + points * share
    intersections[:, axis] = limit
    candidates = np.stack([intersections, points], axis=1).reshape(-1, 2)
    return np.asarray(candidates[np.stack([crosses, excess <= 0], axis=1).ravel()])


def _polygon(polygon: types.Polygon, width: int, height: int) -> types.Polygon | None:
    parts = [clipped for part in polygon.parts for clipped in _parts(part, width, height)]
    return types.Polygon(parts=parts) if parts else None


def _parts(part: types.Part, width: int, height: int) -> Iterator[types.Part]:
    """A part that leaves the image and comes back becomes several.

    GEOS finds all intersections of a ring that crosses itself first: 100,000 points take it 10 GB. Such a part is cut
    ring by ring instead, and its pieces stay joined along the border.
    """
    area = shapely.Polygon(part.outer, part.holes) if min(map(len, (part.outer, *part.holes))) > 2 else None
    if not shapely.is_valid(area):
        outer = _ring(_clip(_array(part.outer), width, height, closed=True))
        holes = [_ring(_clip(_array(hole), width, height, closed=True)) for hole in part.holes]
        yield from [types.Part(outer=outer, holes=[hole for hole in holes if hole])] if outer else []
        return
    for piece in shapely.get_parts(shapely.intersection(area, shapely.box(0, 0, width, height))):
        if isinstance(piece, shapely.Polygon) and (outer := _ring(_corners(piece.exterior, width, height))):
            holes = [_ring(_corners(hole, width, height)) for hole in piece.interiors]
            yield types.Part(outer=outer, holes=[hole for hole in holes if hole])


def _corners(ring: shapely.LinearRing, width: int, height: int) -> Floats:
    return np.clip(shapely.get_coordinates(ring), 0.0, (float(width), float(height)))


def _ring(points: Floats) -> list[types.Point]:
    """The points [n, 2] of a ring, the first not repeated; empty if it has no area."""
    ring = drop_repeated_points(points, closed=True)
    return ring.tolist() if len(ring) > 2 and signed_area(ring) else []


def _array(points: Sequence[types.Point]) -> Floats:
    return np.array(points, np.float64).reshape(-1, 2)


def _line(line: types.Polyline | types.Line, width: int, height: int) -> types.Geometry | None:
    ends = line.points if isinstance(line, types.Polyline) else [(line.x1, line.y1), (line.x2, line.y2)]
    cut = _clip(_array(ends), width, height, closed=False)
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
    """x1, y1, x2, y2 of the smallest box, turned by `rotation` about its center, around the part of a convex border
    [n, 2] on the image; None if none is."""
    visible = _clip(border, width, height, closed=True)
    if len(visible) < 3 or not signed_area(visible):
        return None
    straight = _about_origin(visible, -rotation)
    low, high = straight.min(axis=0), straight.max(axis=0)
    cx, cy = _about_origin((low + high)[None] / 2, rotation)[0].tolist()
    half_width, half_height = ((high - low) / 2).tolist()
    return cx - half_width, cy - half_height, cx + half_width, cy + half_height


def _about_origin(points: Floats, rotation: float) -> Floats:
    """Points [n, 2] rotated about the origin by degrees clockwise."""
    c, s = cos(radians(rotation)), sin(radians(rotation))
    return np.asarray(points @ np.array([[c, s], [-s, c]]))
