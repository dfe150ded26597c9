"""Shapes as COCO segmentations: polygon rings or run lengths."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from common.geometry.masks import bitmap_area, decode_bitmap, rasterize
from common.geometry.types import Bitmap, Circle, Ellipse, Geometry, Point, Polygon
from export.codecs.rle import column_runs
from export.dataset.ellipse_polygons import ellipse_contour
from export.dataset.media import ExportMedium

Segment = tuple[Any, float, list[float]]


def segment(shape: Geometry, medium: ExportMedium) -> Segment | None:
    """The segmentation, its area in square pixels and its box x, y, width, height, with two decimals;
    None for an empty shape and for a shape that cannot be rasterized."""
    match shape:
        case Circle() | Ellipse():
            return _rings([ellipse_contour(shape)])
        case Polygon() if not any(part.holes for part in shape.parts):
            return _rings([part.outer for part in shape.parts])
    try:
        pixels = rasterize(shape, (medium.width, medium.height))
    except ValueError:
        return None
    return _pixels(pixels, medium) if pixels.width else None


def _rings(rings: Sequence[Sequence[Point]]) -> Segment | None:
    """A segmentation of rings; only rings with at least three points, because readers take two points for a box."""
    flat = [np.array(ring, np.float64).round(2) for ring in rings if len(ring) > 2]
    if not flat:
        return None
    points = np.concatenate(flat)
    if not np.isfinite(points).all():
        return None
    low, high = points.min(axis=0), points.max(axis=0)
    return (
        [ring.ravel().tolist() for ring in flat],
        round(float(sum(map(_ring_area, flat))), 2),
        np.round((*low, *(high - low)), 2).tolist(),
    )


def _ring_area(ring: NDArray[np.float64]) -> float:
    x, y = (ring - ring[0]).T
    return abs(float(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1)))) / 2


def _pixels(bitmap: Bitmap, medium: ExportMedium) -> Segment:
    counts = column_runs(decode_bitmap(bitmap), bitmap.x, bitmap.y, medium.width, medium.height)
    box = [float(side) for side in (bitmap.x, bitmap.y, bitmap.width, bitmap.height)]
    return {"counts": counts, "size": [medium.height, medium.width]}, bitmap_area(bitmap), box
