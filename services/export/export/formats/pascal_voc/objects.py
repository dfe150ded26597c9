"""Shapes as the objects of ModelArts' VOC XML, which knows more shapes than boxes."""

from collections.abc import Iterator, Sequence
from math import cos, radians, sin

from common.geometry import masks
from common.geometry.types import Bitmap, Circle, Ellipse, Geometry, Line, Point, Points, Polygon, Polyline
from export.dataset.ellipse_polygons import ellipse_contour
from export.dataset.loss_report import LossReport
from export.dataset.shapes import Shape
from export.dataset.track import Corners
from export.dataset.xml_text import value_text, xml_text

TYPE = "type"
_HEAD = (
    "<object><name>%s</name><pose>Unspecified</pose><truncated>0</truncated><occluded>%d</occluded>"
    "<difficult>0</difficult>"
)
_BOX = "<bndbox><xmin>%s</xmin><ymin>%s</ymin><xmax>%s</xmax><ymax>%s</ymax></bndbox>"


def voc_objects(shape: Shape, report: LossReport) -> Iterator[str]:
    """The objects that a shape becomes: one for each part of a polygon and for each of several points; none where it
    has too few points."""
    head = _HEAD % (xml_text(shape.object.category, report), shape.occluded)
    if shape.score is not None:
        head += f"<confidence>{_number(shape.score)}</confidence>"
    tail = _attributes(shape, report) + "</object>\n"
    for drawn in _drawn(shape.geometry):
        yield head + drawn + tail


def _attributes(shape: Shape, report: LossReport) -> str:
    said = {name: value for name, value in shape.attributes.items() if name != TYPE}
    if shape.object.type is not None:
        said[TYPE] = shape.object.type
    if not said:
        return ""
    rows = (
        f"<attribute><name>{xml_text(name, report)}</name>"
        f"<value>{xml_text(value_text(value), report)}</value></attribute>"
        for name, value in said.items()
    )
    return f"<attributes>{''.join(rows)}</attributes>"


def _drawn(shape: Corners | Geometry) -> Iterator[str]:
    match shape:
        case (x1, y1, x2, y2, rotation):
            axis_aligned_boxes = _BOX % (_number(x1), _number(y1), _number(x2), _number(y2))
            yield _numbered("polygon", _turned(shape)) if rotation else axis_aligned_boxes
        case Polygon(parts=parts):
            yield from (_numbered("polygon", part.outer) for part in parts if len(part.outer) > 2)
        case Bitmap():
            yield from _drawn(masks.polygonize(shape))
        case Circle(cx=cx, cy=cy, r=r):
            yield f"<circle><cx>{_number(cx)}</cx><cy>{_number(cy)}</cy><r>{_number(r)}</r></circle>"
        case Ellipse():
            yield _numbered("polygon", ellipse_contour(shape))
        case Line():
            ends = [(shape.x1, shape.y1), (shape.x2, shape.y2)]
            yield _numbered("dashed" if shape.dashed else "line", ends)
        case Polyline(points=points) if len(points) > 1:
            yield _numbered("polyline", points)
        case Points(points=points):
            yield from (_numbered("point", [point]) for point in points)


def _turned(corners: Corners) -> list[Point]:
    """The corners of a box that is turned about its centre, the top-left one first."""
    x1, y1, x2, y2, rotation = corners
    along, across = cos(radians(rotation)), sin(radians(rotation))
    cx, cy, half_width, half_height = (x1 + x2) / 2, (y1 + y2) / 2, (x2 - x1) / 2, (y2 - y1) / 2
    sides = [
        (-half_width, -half_height),
        (half_width, -half_height),
        (half_width, half_height),
        (-half_width, half_height),
    ]
    return [(cx + x * along - y * across, cy + x * across + y * along) for x, y in sides]


def _numbered(tag: str, points: Sequence[Point]) -> str:
    inside = "".join(
        f"<x{number}>{_number(x)}</x{number}><y{number}>{_number(y)}</y{number}>"
        for number, (x, y) in enumerate(points, 1)
    )
    return f"<{tag}>{inside}</{tag}>"


def _number(value: float) -> str:
    """At most two decimals, and a whole number without any: some readers take only those."""
    return f"{value:.2f}".rstrip("0").rstrip(".")
