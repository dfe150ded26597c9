"""Shapes of any kind as lists of points, for formats without other geometry."""

from collections.abc import Sequence
from math import cos, radians, sin

from common.geometry import types
from common.geometry.boxes import corners
from common.geometry.masks import polygonize
from export.dataset.loss_report import LossReport
from export.dataset.rows import NOTHING
from export.dataset.track import Corners

TOO_FINE = "bitmaps_too_detailed"
# Whether the list is a hole of the one before it, and its points.
PointList = tuple[bool, Sequence[types.Point]]


def point_lists(shape: Corners | types.Geometry, report: LossReport) -> list[PointList] | None:
    """The points of a shape: for an area, its rings, each outer ring before its holes; for a circle, its centre and its
    rightmost point; for an ellipse, its centre and the ends of both half axes. None, which is reported, for a
    bitmap without a contour."""
    match shape:
        case types.Polygon():
            return _rings(shape)
        case types.Bitmap():
            polygon = polygon_of(shape, report)
            return None if polygon is None else _rings(polygon)
    return [(False, _points(shape))]


def _points(shape: Corners | types.Geometry) -> Sequence[types.Point]:
    found: Sequence[types.Point] = []
    match shape:
        case (x1, y1, x2, y2, rotation):
            found = corners(types.Box.model_construct(x1=x1, y1=y1, x2=x2, y2=y2, rotation=rotation))
        case types.Polyline() | types.Points() | types.Cuboid():
            found = shape.points
        case types.Skeleton():
            found = [(keypoint.x, keypoint.y) for keypoint in shape.keypoints]
        case types.Line():
            found = [(shape.x1, shape.y1), (shape.x2, shape.y2)]
        case types.Circle():
            found = [(shape.cx, shape.cy), (shape.cx + shape.r, shape.cy)]
        case types.Ellipse():
            found = _axes(shape)
    return found


def polygon_of(bitmap: types.Bitmap, report: LossReport) -> types.Polygon | None:
    """The contour of a bitmap along its pixels' edges; None, which is reported, if it is empty or too detailed."""
    if not any(bitmap.runs[1::2]):
        report.add(NOTHING)
        return None
    try:
        return polygonize(bitmap)
    except ValueError:
        report.add(TOO_FINE)
        return None


def _rings(polygon: types.Polygon) -> list[PointList]:
    return [(number > 0, ring) for part in polygon.parts for number, ring in enumerate((part.outer, *part.holes))]


def _axes(ellipse: types.Ellipse) -> list[types.Point]:
    along, across = cos(radians(ellipse.rotation)), sin(radians(ellipse.rotation))
    x, y = ellipse.cx, ellipse.cy
    return [
        (x, y),
        (x + ellipse.rx * along, y + ellipse.rx * across),
        (x - ellipse.ry * across, y + ellipse.ry * along),
    ]
