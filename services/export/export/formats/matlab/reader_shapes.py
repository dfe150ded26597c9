"""Shapes of MATLAB ground truth: rows of numbers with coordinates from 1.

A matrix with one row is a flat list, cells may be nested deeper than necessary, and an item with attributes is an
object with a `Position`. A box is `[x y w h]`, a rotated one `[x_center y_center w h angle]`, a cuboid the boxes of two
faces, a line or polygon a list of points.
"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from common.geometry.types import Box, Cuboid, Geometry, Part, Points, Polygon, Polyline
from export.parsing.iou_tracker import Corners, bounding_box
from export.parsing.reasons import ReaderError

_DEEPEST = 8
# The type by the number of values per row, if no type is given.
_TYPES = {2: "line", 4: "rectangle", 5: "rotatedrectangle", 8: "projectedcuboid"}


class Item(NamedTuple):
    """A label on a frame: its position and attributes."""

    position: Any
    attributes: Mapping[str, Any]


class ParsedShape(NamedTuple):
    """A shape and its bounding box."""

    geometry: Geometry
    corners: Corners


def items(value: Any, depth: int = 0) -> Iterator[Item]:
    """The labels in a cell of the table."""
    if isinstance(value, Mapping):
        if value:
            yield Item(value["Position"], {name: part for name, part in value.items() if name != "Position"})
    elif isinstance(value, list) and any(isinstance(part, Mapping) for part in value):
        if depth > _DEEPEST:
            raise ReaderError("nested_too_deeply")
        for part in value:
            yield from items(part, depth + 1)
    elif value not in (None, [], "", False):
        yield Item(value, {})


def shapes(kind: str, position: Any) -> Iterator[ParsedShape]:
    """The shapes at a position, by MATLAB's type or else by the count of numbers.

    Raises:
        ValueError, TypeError: the data does not follow the format.
    """
    matrices = list(_matrices(position))
    kind = kind.lower().replace(" ", "") or (_TYPES.get(len(matrices[0][0]), "") if matrices else "")
    for rows in matrices:
        match kind:
            case "rectangle" | "rotatedrectangle" | "projectedcuboid" | "cuboid":
                yield from map(_of_row, rows)
            case "line" | "polyline":
                points = _points(rows, 2)
                yield ParsedShape(Polyline(points=points), bounding_box(points))
            case "polygon" | "freehand":
                points = _points(rows, 3)
                yield ParsedShape(Polygon(parts=[Part(outer=points)]), bounding_box(points))
            case "point":
                yield from (ParsedShape(Points(points=[point]), bounding_box([point])) for point in _points(rows, 1))
            case _:
                raise ReaderError("annotation_type_unsupported", type=kind[:100])


def _matrices(value: Any, depth: int = 0) -> Iterator[list[list[float]]]:
    """The matrices in nested lists, each a list of rows."""
    if not isinstance(value, list) or depth > _DEEPEST:
        raise ReaderError("field_not_list", field="Position")
    if not value:
        return
    if not isinstance(value[0], list):
        yield [[float(number) for number in value]]
    elif all(isinstance(row, list) and row and not isinstance(row[0], list) for row in value):
        yield [[float(number) for number in row] for row in value]
    else:
        for part in value:
            yield from _matrices(part, depth + 1)


def _of_row(row: list[float]) -> ParsedShape:
    match row:
        case [x, y, width, height]:
            corners = x - 1, y - 1, x - 1 + width, y - 1 + height
            return ParsedShape(_box(corners, 0.0), corners)
        case [x, y, width, height, angle]:
            corners = x - 1 - width / 2, y - 1 - height / 2, x - 1 + width / 2, y - 1 + height / 2
            return ParsedShape(_box(corners, angle), corners)
        case [x, y, width, height, far_x, far_y, far_width, far_height]:
            points = [*_face(x - 1, y - 1, width, height), *_face(far_x - 1, far_y - 1, far_width, far_height)]
            return ParsedShape(Cuboid(points=points), bounding_box(points))
    raise ReaderError("values_count_wrong", count=len(row), expected="4, 5, 8")


def _box(corners: Corners, rotation: float) -> Box:
    x1, y1, x2, y2 = corners
    return Box(x1=x1, y1=y1, x2=x2, y2=y2, rotation=rotation)


def _face(x: float, y: float, width: float, height: float) -> list[tuple[float, float]]:
    return [(x, y), (x + width, y), (x + width, y + height), (x, y + height)]


def _points(rows: list[list[float]], minimum: int) -> list[tuple[float, float]]:
    if len(rows) == 1 and len(rows[0]) > 2 and len(rows[0]) % 2 == 0:
        flat = rows[0]
        rows = [flat[at : at + 2] for at in range(0, len(flat), 2)]
    points = [(x - 1, y - 1) for x, y in rows]
    if minimum == 3 and len(points) > 3 and points[0] == points[-1]:
        points.pop()
    if len(points) < minimum:
        raise ReaderError("points_too_few", count=len(points), minimum=minimum)
    return points
