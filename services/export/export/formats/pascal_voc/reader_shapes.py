"""Shapes and attributes of VOC XML, including ModelArts' extensions."""

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element

from common.geometry.types import Box, Circle, Geometry, Line, Part, Point, Points, Polygon, Polyline
from export.parsing.reasons import ReaderError

_NUMBERED = re.compile(r"^([xy])(\d{0,6})$")


def geometry_of(element: Element) -> Geometry:
    """The geometry of an object; a polygon takes precedence over its bounding box.

    Raises:
        ValueError, KeyError: the data does not follow the format.
    """
    for child in element:
        match child.tag:
            case "polygon":
                return Polygon(parts=[Part(outer=_at_least(3, child))])
            case "circle":
                return Circle(cx=number(child, "cx"), cy=number(child, "cy"), r=number(child, "r"))
            case "line" | "dashed":
                (x1, y1), (x2, y2) = _at_least(2, child)
                return Line(x1=x1, y1=y1, x2=x2, y2=y2, dashed=child.tag == "dashed")
            case "polyline":
                return Polyline(points=_at_least(2, child))
            case "point":
                return Points(points=_at_least(1, child))
    box = element.find("bndbox")
    if box is None:
        raise ReaderError("field_missing", field="bndbox")
    x1, y1, x2, y2 = (number(box, edge) for edge in ("xmin", "ymin", "xmax", "ymax"))
    return Box(x1=x1, y1=y1, x2=x2, y2=y2)


def attributes_of(element: Element) -> Iterator[tuple[str, str]]:
    """The attributes of an object as text."""
    for row in element.iterfind("attributes/attribute"):
        yield text(row, "name"), text(row, "value")


def name_of(element: Element) -> str:
    """The class of an object.

    Raises:
        KeyError: the data does not follow the format.
    """
    name = text(element, "name")
    if not name:
        raise ReaderError("field_missing", field="name")
    return name


def text(element: Element, tag: str) -> str:
    """The text of a child, or nothing."""
    return element.findtext(tag) or ""


def number(element: Element, tag: str) -> float:
    """The number in a child.

    Raises:
        ValueError, KeyError: the data does not follow the format.
    """
    value = element.findtext(tag)
    if value is None:
        raise ReaderError("field_missing", field=tag)
    return float(value)


def is_set(element: Element, tag: str) -> bool:
    """Whether a child is true."""
    return text(element, tag).strip().lower() in ("1", "true", "yes")


def _at_least(minimum: int, element: Element) -> list[Point]:
    """Points from children x1, y1, x2, y2, …, or x and y of one point."""
    coordinates: dict[tuple[int, str], float] = {}
    for child in element:
        if match := _NUMBERED.match(child.tag):
            coordinates[int(match[2] or 1), match[1]] = float(child.text or "")
    numbers = sorted({point_number for point_number, _ in coordinates})
    points = [
        (coordinates[point_number, "x"], coordinates[point_number, "y"])
        for point_number in numbers
        if (point_number, "x") in coordinates and (point_number, "y") in coordinates
    ]
    if len(points) * 2 != len(coordinates) or len(points) < minimum:
        raise ReaderError("points_too_few", count=len(points), minimum=minimum)
    return points
