"""Shapes as sets of pixels. A pixel belongs to a shape if its center does. A center right on the border belongs to the
shape that has it on its left or upper border, so that adjacent shapes share no pixel."""

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
# A smaller tolerance removes no corner of a contour along pixel edges: in a staircase of one-pixel steps, the corners
# are 1/√5 from the straight line.
SMALLEST_TOLERANCE = 0.44


# ---- conversion ----


def rasterize(geometry: Geometry, clip: tuple[int, int] | None = None) -> Bitmap:
    """The pixels of a shape with an area, clipped to an image of `clip` (width, height) if given.

    Raises:
        GeometryError: The shape has no area, or more pixels than a bitmap may have.
    """
    image = Window(0, 0, *clip) if clip else None
    match geometry:
        case Bitmap():
            window = _cut(_window(geometry), image)
            return encode_bitmap(bitmap_pixels(geometry, window), window.x1, window.y1)
        case Box():
            return _filled([[np.array(corners(geometry))]], image)
        case Polygon():
            return _filled([[_ring(ring) for ring in (part.outer, *part.holes)] for part in geometry.parts], image)
        case Circle() | Ellipse():
            window = _cut(_around_all(np.array(ellipse_bounds(geometry)).reshape(2, 2)), image)
            return encode_bitmap(rasterize_ellipse(geometry, window), window.x1, window.y1)
        case ImageTag() if image:
            return encode_bitmap(np.ones(image.shape, np.bool_))
        case _:
            raise GeometryError("shape_without_area", kind=geometry.kind)


def polygonize(bitmap: Bitmap, tolerance: float = 0.0) -> Polygon:
    """The polygon along the pixel edges of a bitmap. With a tolerance, points within that many pixels of the result are
    removed; the tolerance is reduced until the pixels agree by an IoU of at least 0.9.

    Raises:
        GeometryError: The bitmap is malformed (`bitmap_error`), or has more corners than a polygon may have.
    """
    exact = [[np.add(ring, (bitmap.x, bitmap.y)) for ring in part] for part in trace_contours(decode_bitmap(bitmap))]
    while tolerance > SMALLEST_TOLERANCE:
        rings = iter(_simplify([ring for part in exact for ring in part], tolerance))
        simpler = _polygon([[next(rings) for _ in part] for part in exact])
        if bitmap_iou(rasterize(simpler), bitmap) >= SIMILAR:
            return simpler
        tolerance /= 2
    return _polygon(exact)


def _simplify(rings: Sequence[Ring], tolerance: float) -> list[Ring]:
    """The rings with fewer points. Rings that would intersect themselves get a smaller tolerance."""
    if tolerance <= SMALLEST_TOLERANCE:
        return list(rings)
    simpler = simplify_rings(rings, tolerance)
    changed = [at for at, ring in enumerate(simpler) if len(ring) < len(rings[at])]
    are_valid = are_simple([simpler[at] for at in changed])
    invalid = [at for at, is_valid in zip(changed, are_valid, strict=True) if not is_valid]
    if invalid:
        for at, ring in zip(invalid, _simplify([rings[at] for at in invalid], tolerance / 2), strict=True):
            simpler[at] = ring
    return simpler


def _polygon(parts: list[list[Ring]]) -> Polygon:
    rings = [[ring.tolist() for ring in part] for part in parts]
    return Polygon.model_validate({"parts": [{"outer": outer, "holes": holes} for outer, *holes in rings]})


def _ring(points: list[Point]) -> Ring:
    return np.array(points, np.float64).reshape(-1, 2)


def _filled(parts: list[list[Ring]], image: Window | None) -> Bitmap:
    """The union of parts, each its outer ring without its holes."""
    parts = [part for part in parts if len(part[0])]
    if not parts:
        return Bitmap(x=0, y=0, width=0, height=0, runs=[])
    window = _cut(_around_all(np.concatenate([part[0] for part in parts])), image)
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
    """The smallest window around points [n, 2]."""
    (x1, y1), (x2, y2) = np.floor(points.min(axis=0)).tolist(), np.ceil(points.max(axis=0)).tolist()
    return Window(int(x1), int(y1), int(x2), int(y2))


def _cut(window: Window, image: Window | None) -> Window:
    return window.within(image) if image else window


# ---- bitmaps ----


def bitmap_error(bitmap: Bitmap) -> GeometryError | None:
    """The error of a malformed bitmap; None if it is valid. A malformed bitmap is never decoded."""
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
    """The mask [height, width] of the bitmap's rectangle.

    Raises:
        GeometryError: The bitmap is malformed (`bitmap_error`).
    """
    if (error := bitmap_error(bitmap)) is not None:
        raise error
    is_inside = np.arange(len(bitmap.runs)) % 2 == 1
    return np.repeat(is_inside, np.array(bitmap.runs, np.int64)).reshape(bitmap.height, bitmap.width)


def encode_bitmap(mask: Bools, x: int = 0, y: int = 0) -> Bitmap:
    """The bitmap of a mask [h, w] at (x, y), in the smallest rectangle; width 0 if no pixel is set."""
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
    """The number of pixels in the bitmap."""
    return sum(bitmap.runs[1::2])


def bitmap_window(bitmap: Bitmap) -> Window | None:
    """The smallest window around all pixels of the bitmap; None if it has none."""
    if not bitmap_area(bitmap):
        return None
    mask = decode_bitmap(bitmap)
    columns, rows = np.flatnonzero(mask.any(axis=0)).tolist(), np.flatnonzero(mask.any(axis=1)).tolist()
    return Window(bitmap.x + columns[0], bitmap.y + rows[0], bitmap.x + columns[-1] + 1, bitmap.y + rows[-1] + 1)


def subtract_bitmap(bitmap: Bitmap, subtrahend: Bitmap) -> Bitmap:
    """The pixels of a bitmap that are not in the subtrahend."""
    window = _window(bitmap)
    remaining = bitmap_pixels(bitmap, window) & ~bitmap_pixels(subtrahend, window)
    return encode_bitmap(remaining, bitmap.x, bitmap.y)


def bitmap_iou(first: Bitmap, second: Bitmap) -> float:
    """The intersection over union of two bitmaps; 1 if both are empty."""
    window = _around(first, second)
    first_mask, second_mask = bitmap_pixels(first, window), bitmap_pixels(second, window)
    union = np.count_nonzero(first_mask | second_mask)
    return float(np.count_nonzero(first_mask & second_mask) / union) if union else 1.0


def bitmap_pixels(bitmap: Bitmap, window: Window) -> Bools:
    """The mask [h, w] of the bitmap in a window of the image."""
    mask, overlap = decode_bitmap(bitmap), _window(bitmap).within(window)
    pixels = np.zeros(window.shape, np.bool_)
    if overlap.x1 < overlap.x2 and overlap.y1 < overlap.y2:
        pixels[_slices(overlap, window.x1, window.y1)] = mask[_slices(overlap, bitmap.x, bitmap.y)]
    return pixels


def _window(bitmap: Bitmap) -> Window:
    return Window(bitmap.x, bitmap.y, bitmap.x + bitmap.width, bitmap.y + bitmap.height)


def _around(*bitmaps: Bitmap) -> Window:
    x1, y1, x2, y2 = zip(*map(_window, bitmaps), strict=True)
    return Window(min(x1), min(y1), max(x2), max(y2))


def _slices(window: Window, x: int, y: int) -> tuple[slice, slice]:
    return slice(window.y1 - y, window.y2 - y), slice(window.x1 - x, window.x2 - x)
