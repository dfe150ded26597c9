"""Shapes as objects of ModelArts' VOC XML, which has more shapes than boxes."""

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
    """The object elements of a shape: one per polygon part and per point; none if it has too few points."""
    head = _HEAD % (xml_text(shape.object.category, report), shape.occluded)
    if shape.score is not None:
        head += f"<confidence>{_number(shape.score)}</confidence>"
    tail = _attributes(shape, report) + "</object>\n"
    for geometry in _geometry_elements(shape.geometry):
        yield head + geometry + tail


def _attributes(shape: Shape, report: LossReport) -> str:
    attributes = {name: value for name, value in shape.attributes.items() if name != TYPE}
    if shape.object.type is not None:
        attributes[TYPE] = shape.object.type
    if not attributes:
        return ""
    rows = (
        f"<attribute><name>{xml_text(name, report)}</name>"
        f"<value>{xml_text(value_text(value), report)}</value></attribute>"
        for name, value in attributes.items()
    )
    return f"<attributes>{''.join(rows)}</attributes>"


def _geometry_elements(shape: Corners | Geometry) -> Iterator[str]:
    match shape:
        case (x1, y1, x2, y2, rotation):
            bounding_box = _BOX % (_number(x1), _number(y1), _number(x2), _number(y2))
            yield _numbered("polygon", _rotated_corners(shape)) if rotation else bounding_box
        case Polygon(parts=parts):
            yield from (_numbered("polygon", part.outer) for part in parts if len(part.outer) > 2)
        case Bitmap():
            yield from _geometry_elements(masks.polygonize(shape))
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


def _rotated_corners(corners: Corners) -> list[Point]:
    """The corners of a box rotated about its center, starting with the one that was top left."""
    x1, y1, x2, y2, rotation = corners
    cosine, sine = cos(radians(rotation)), sin(radians(rotation))
    cx, cy, half_width, half_height = (x1 + x2) / 2, (y1 + y2) / 2, (x2 - x1) / 2, (y2 - y1) / 2
    offsets = [
        (-half_width, -half_height),
        (half_width, -half_height),
        (half_width, half_height),
        (-half_width, half_height),
    ]
    return [(cx + x * cosine - y * sine, cy + x * sine + y * cosine) for x, y in offsets]


def _numbered(tag: str, points: Sequence[Point]) -> str:
    coordinates = "".join(
        f"<x{number}>{_number(x)}</x{number}><y{number}>{_number(y)}</y{number}>"
        for number, (x, y) in enumerate(points, 1)
    )
    return f"<{tag}>{coordinates}</{tag}>"


def _number(value: float) -> str:
    """The number with at most two decimals; whole numbers have none, because some readers accept only those."""
    return f"{value:.2f}".rstrip("0").rstrip(".")
