"""Ultralytics YOLO Segmentation 1.0: rows `class x1 y1 x2 y2 …`, the contour of an area. The other files are described
in `writer_ultralytics`.

A row has one contour: bridges, which are walked in both directions, join the parts of a polygon and its holes. Bitmaps
are the contour of their pixels. Areas are clipped to the image, because Ultralytics skips images with others.
"""

from collections.abc import Iterator, Sequence

import numpy as np

from common.geometry.bounds import bounds
from common.geometry.clip import clip_to_image
from common.geometry.masks import polygonize as outline_of_pixels
from common.geometry.masks import rasterize
from common.geometry.types import Bitmap, Circle, Ellipse, Geometry, Part, Point, Polygon
from export.codecs.zip import Entry
from export.dataset.dataset import Dataset
from export.dataset.ellipse_polygons import ellipse_contour
from export.dataset.labels import Labels
from export.dataset.media import ExportMedium
from export.dataset.rows import CUT, NOTHING, UNSEEN_PX, Rows, class_numbers
from export.dataset.shapes import Shape
from export.dataset.track import Corners
from export.formats.yolo.bridges import Ring, bridge_parts
from export.formats.yolo.names import SEGMENTATION
from export.formats.yolo.writer_ultralytics import entries

OVERLAP = "overlapping_parts_as_masks"
TOO_FINE = "bitmaps_too_detailed"

# The contour as text, and the loss code, if any.
Contour = tuple[str, str | None]
_NO_POINTS = np.empty((0, 2))


def write(dataset: Dataset) -> Iterator[Entry]:
    """The archive's entries."""
    return entries(SEGMENTATION, dataset, lambda labels: _rows(labels, dataset))


def _rows(labels: Labels, dataset: Dataset) -> Rows:
    numbers = class_numbers(labels, dataset)
    # Bitmaps are constant over many frames and expensive to convert.
    cached: dict[int, tuple[Bitmap, Contour]] = {}

    def contour(shape: Shape) -> Contour:
        index, geometry = shape.object_index, shape.geometry
        if not isinstance(geometry, Bitmap):
            return _contour(geometry, labels.medium)
        if index not in cached or cached[index][0] is not geometry:
            cached[index] = geometry, _contour(geometry, labels.medium)
        return cached[index][1]

    def row(shape: Shape) -> str:
        points, lost = contour(shape)
        if lost:
            labels.report.add(lost)
        return f"{numbers[shape.object_index]}{points}\n" if points else ""

    return lambda shapes: list(map(row, shapes))


def _contour(shape: Corners | Geometry, medium: ExportMedium) -> Contour:
    try:
        part = _clipped(shape, medium)
        points, is_same = _ring(part, medium) if part else (_NO_POINTS, True)
    except ValueError:
        return "", TOO_FINE
    if not len(points):
        return "", NOTHING
    shares = (points / (medium.width, medium.height)).ravel().tolist()
    text = " %.6f" * len(shares) % tuple(shares)
    return text, OVERLAP if not is_same else CUT if _is_beyond(shape, medium) else None


def _clipped(shape: Corners | Geometry, medium: ExportMedium) -> Polygon | None:
    """The visible part of an area.

    Raises:
        ValueError: its contour has too many corners.
    """
    size = medium.width, medium.height
    match shape:
        case Bitmap():
            cut = clip_to_image(shape, *size)
            return outline_of_pixels(cut) if isinstance(cut, Bitmap) else None
        case Circle() | Ellipse():
            part = clip_to_image(Polygon(parts=[Part(outer=ellipse_contour(shape))]), *size)
        case Polygon():
            part = clip_to_image(Polygon(parts=[part for part in shape.parts if len(part.outer) > 2]), *size)
        case _:
            return None
    return part if isinstance(part, Polygon) else None


def _ring(area: Polygon, medium: ExportMedium) -> tuple[Ring, bool]:
    """The area as one ring, and whether the ring is exact; if parts overlap, it is the contour of the area's pixels."""
    ring = bridge_parts(_rings(area))
    if len(area.parts) < 2 and not any(part.holes for part in area.parts):
        return ring, True
    pixels = rasterize(area, (medium.width, medium.height))
    if rasterize(Polygon(parts=[Part(outer=ring.tolist())]), (medium.width, medium.height)) == pixels:
        return ring, True
    return bridge_parts(_rings(outline_of_pixels(pixels))), False


def _rings(area: Polygon) -> Iterator[Sequence[Point]]:
    return (ring for part in area.parts for ring in (part.outer, *part.holes))


def _is_beyond(shape: Corners | Geometry, medium: ExportMedium) -> bool:
    box = None if isinstance(shape, tuple) else bounds(shape)
    if box is None:
        return False
    x1, y1, x2, y2 = box
    return min(x1, y1) < -UNSEEN_PX or x2 > medium.width + UNSEEN_PX or y2 > medium.height + UNSEEN_PX
