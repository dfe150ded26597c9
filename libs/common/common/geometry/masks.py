"""Shapes as sets of pixels. A pixel belongs to a shape if its centre does; of a centre right on the border, the
shape that has it on its left or upper border takes it, so that shapes side by side share no pixel."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from common.geometry.boxes import corners, ellipse_bounds
from common.geometry.contours import Ring, simplify_rings, trace_contours
from common.geometry.errors import GeometryError
from common.geometry.rasterize import MAX_PIXELS, Window, rasterize_ellipse, rasterize_ring
from common.geometry.types import Bitmap, Box, Circle, Ellipse, Geometry, ImageTag, Point, Polygon
from common.geometry.validity import are_simple

Bools = NDArray[np.bool_]

SIMILAR = 0.9
# Of an outline along pixels' edges no corner can be left out at less: in a step of one pixel to the side between two
# of one pixel ahead, the corners are 1/√5 from the straight line.
SMALLEST_TOLERANCE = 0.44


# ---- from and to other shapes ----


def rasterize(geometry: Geometry, clip: tuple[int, int] | None = None) -> Bitmap:
    """The pixels of a shape that has an area, of a picture of `clip` (width, height) only if that is given.

    Raises:
        GeometryError: it has no area, or more pixels than a bitmap may have.
    """
    picture = Window(0, 0, *clip) if clip else None
    match geometry:
        case Bitmap():
            window = _cut(_window(geometry), picture)
            return encode_bitmap(bitmap_pixels(geometry, window), window.x1, window.y1)
        case Box():
            return _filled([[np.array(corners(geometry))]], picture)
        case Polygon():
            return _filled([[_ring(ring) for ring in (part.outer, *part.holes)] for part in geometry.parts], picture)
        case Circle() | Ellipse():
            window = _cut(_around_all(np.array(ellipse_bounds(geometry)).reshape(2, 2)), picture)
            return encode_bitmap(rasterize_ellipse(geometry, window), window.x1, window.y1)
        case ImageTag() if picture:
            return encode_bitmap(np.ones(picture.shape, np.bool_))
        case _:
            raise GeometryError("shape_without_area", kind=geometry.kind)


def polygonize(bitmap: Bitmap, tolerance: float = 0.0) -> Polygon:
    """Its pixels as a polygon along their edges. With a tolerance it has fewer points, left out up to that many pixels
    away, or less where its pixels would agree by less than 0.9 (intersection over union).

    Raises:
        GeometryError: it is malformed (`bitmap_error`), or has more corners than a polygon may have.
    """
    exact = [[np.add(ring, (bitmap.x, bitmap.y)) for ring in part] for part in trace_contours(decode_bitmap(bitmap))]
    while tolerance > SMALLEST_TOLERANCE:
        rings = iter(_simpler([ring for part in exact for ring in part], tolerance))
        fewer = _polygon([[next(rings) for _ in part] for part in exact])
        if bitmap_iou(rasterize(fewer), bitmap) >= SIMILAR:
            return fewer
        tolerance /= 2
    return _polygon(exact)


def _simpler(rings: Sequence[Ring], tolerance: float) -> list[Ring]:
    """The rings with fewer points, those that would cross themselves with a smaller tolerance."""
    if tolerance <= SMALLEST_TOLERANCE:
        return list(rings)
    found = simplify_rings(rings, tolerance)
    shorter = [at for at, fewer in enumerate(found) if len(fewer) < len(rings[at])]
    crossing = [at for at, simple in zip(shorter, are_simple([found[at] for at in shorter]), strict=True) if not simple]
    if crossing:
        for at, fewer in zip(crossing, _simpler([rings[at] for at in crossing], tolerance / 2), strict=True):
            found[at] = fewer
    return found


def _polygon(parts: list[list[Ring]]) -> Polygon:
    rings = [[ring.tolist() for ring in part] for part in parts]
    return Polygon.model_validate({"parts": [{"outer": outer, "holes": holes} for outer, *holes in rings]})


def _ring(points: list[Point]) -> Ring:
    return np.array(points, np.float64).reshape(-1, 2)


def _filled(parts: list[list[Ring]], picture: Window | None) -> Bitmap:
    """The union of parts, each its first ring less its other rings."""
    parts = [part for part in parts if len(part[0])]
    if not parts:
        return Bitmap(x=0, y=0, width=0, height=0, runs=[])
    window = _cut(_around_all(np.concatenate([part[0] for part in parts])), picture)
    mask = np.zeros(window.shape, np.bool_)
    for outer, *holes in parts:
        own = _around_all(outer).within(window)
        if own.x1 >= own.x2 or own.y1 >= own.y2:
            continue
        inside = rasterize_ring(outer, own)
        for hole in holes:
            inside &= ~rasterize_ring(hole, own)
        mask[_slices(own, window.x1, window.y1)] |= inside
    return encode_bitmap(mask, window.x1, window.y1)


def _around_all(points: Ring) -> Window:
    """The smallest window of all pixels that points [n, 2] are on."""
    (x1, y1), (x2, y2) = np.floor(points.min(axis=0)).tolist(), np.ceil(points.max(axis=0)).tolist()
    return Window(int(x1), int(y1), int(x2), int(y2))


def _cut(window: Window, picture: Window | None) -> Window:
    return window.within(picture) if picture else window


# ---- bitmaps ----


def bitmap_error(bitmap: Bitmap) -> GeometryError | None:
    """What is wrong with a bitmap; None if nothing is. A malformed one is never decoded."""
    width, height = bitmap.width, bitmap.height
    if width < 0 or height < 0:
        return GeometryError("bitmap_size_negative")
    if width * height > MAX_PIXELS:
        return GeometryError("bitmap_pixels_exceeded", width=width, height=height, limit=MAX_PIXELS)
    if min(bitmap.runs, default=0) < 0:
        return GeometryError("bitmap_run_negative")
    if (total := sum(bitmap.runs)) != width * height:
        return GeometryError("bitmap_runs_incomplete", width=width, height=height, total=total)
    return None


def decode_bitmap(bitmap: Bitmap) -> Bools:
    """Its rectangle's pixels [height, width].

    Raises:
        GeometryError: it is malformed (`bitmap_error`).
    """
    if (error := bitmap_error(bitmap)) is not None:
        raise error
    is_inside = np.arange(len(bitmap.runs)) % 2 == 1
    return np.repeat(is_inside, np.array(bitmap.runs, np.int64)).reshape(bitmap.height, bitmap.width)


def encode_bitmap(mask: Bools, x: int = 0, y: int = 0) -> Bitmap:
    """The pixels of a mask [h, w] whose top-left pixel is (x, y), in the smallest rectangle; of none, width 0."""
    columns, rows = np.flatnonzero(mask.any(axis=0)), np.flatnonzero(mask.any(axis=1))
    if not len(rows):
        return Bitmap(x=x, y=y, width=0, height=0, runs=[])
    left, top = int(columns[0]), int(rows[0])
    tight = mask[top : int(rows[-1]) + 1, left : int(columns[-1]) + 1]
    flat = tight.ravel()
    changes = np.concatenate([[0], np.flatnonzero(flat[1:] != flat[:-1]) + 1, [flat.size]])
    runs = np.diff(changes).tolist()
    height, width = tight.shape
    return Bitmap(x=x + left, y=y + top, width=width, height=height, runs=[0, *runs] if flat[0] else runs)


def bitmap_area(bitmap: Bitmap) -> int:
    """How many pixels it has."""
    return sum(bitmap.runs[1::2])


def bitmap_window(bitmap: Bitmap) -> Window | None:
    """The smallest window that has all its pixels; None if it has none."""
    if not bitmap_area(bitmap):
        return None
    mask = decode_bitmap(bitmap)
    columns, rows = np.flatnonzero(mask.any(axis=0)).tolist(), np.flatnonzero(mask.any(axis=1)).tolist()
    return Window(bitmap.x + columns[0], bitmap.y + rows[0], bitmap.x + columns[-1] + 1, bitmap.y + rows[-1] + 1)


def subtract_bitmap(one: Bitmap, other: Bitmap) -> Bitmap:
    """The pixels of one that the other has not."""
    window = _window(one)
    return encode_bitmap(bitmap_pixels(one, window) & ~bitmap_pixels(other, window), one.x, one.y)


def bitmap_iou(one: Bitmap, other: Bitmap) -> float:
    """How many of the pixels of either both have, from 0 to 1; 1 if neither has any."""
    around = _around(one, other)
    here, there = bitmap_pixels(one, around), bitmap_pixels(other, around)
    either = np.count_nonzero(here | there)
    return float(np.count_nonzero(here & there) / either) if either else 1.0


def bitmap_pixels(bitmap: Bitmap, window: Window) -> Bools:
    """The mask [h, w] of a window of the picture."""
    mask, both = decode_bitmap(bitmap), _window(bitmap).within(window)
    found = np.zeros(window.shape, np.bool_)
    if both.x1 < both.x2 and both.y1 < both.y2:
        found[_slices(both, window.x1, window.y1)] = mask[_slices(both, bitmap.x, bitmap.y)]
    return found


def _window(bitmap: Bitmap) -> Window:
    return Window(bitmap.x, bitmap.y, bitmap.x + bitmap.width, bitmap.y + bitmap.height)


def _around(one: Bitmap, other: Bitmap) -> Window:
    first, second = _window(one), _window(other)
    return Window(*map(min, first[:2], second[:2]), *map(max, first[2:], second[2:]))


def _slices(window: Window, x: int, y: int) -> tuple[slice, slice]:
    return slice(window.y1 - y, window.y2 - y), slice(window.x1 - x, window.x2 - x)
