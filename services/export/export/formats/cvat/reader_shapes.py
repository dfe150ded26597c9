"""Shapes and attributes of CVAT XML."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any
from xml.etree.ElementTree import Element

from common.contract.labels import Source
from common.geometry import types
from common.geometry.masks import bitmap_error
from common.geometry.rasterize import MAX_PIXELS
from export.formats.cvat.shapes import CUBOID_CORNERS
from export.parsing.reasons import ReaderError
from export.parsing.values import parse_value

Value = str | bool | float
# The attribute that is an object's type.
TYPE = "type"
_SOURCES: Mapping[str | None, Source] = {"manual": "manual", "semi-auto": "quick", "auto": "model"}
_YES = {"1": True, "0": False, "true": True, "false": False}


def source_of(text: str | None) -> Source:
    """The source of a shape."""
    return _SOURCES.get(text, "import")


def flag(element: Element, name: str, default: str = "0") -> bool:
    """A boolean attribute of an element, such as `occluded`.

    Raises:
        ValueError: the data does not follow the format.
    """
    text = element.get(name, default)
    value = _YES.get(text.lower())
    if value is None:
        raise ReaderError("field_not_boolean", field=name, value=text[:100])
    return value


def number(element: Element, name: str, default: str | None = None) -> float:
    """A numeric attribute of an element.

    Raises:
        KeyError, ValueError: the data does not follow the format.
    """
    text = element.get(name, default)
    if text is None:
        raise ReaderError("field_missing", field=name)
    return float(text)


def value_as(name: str, kind: str | None, text: str) -> Value:
    """The value of an attribute; `kind` is CVAT's input type, None if it is not declared."""
    if kind == "checkbox":
        return _YES.get(text.strip().lower(), text)
    if kind == "number" or (kind is None and name != TYPE):
        return parse_value(text)
    return text


def attributes_of(element: Element, kinds: Mapping[str, str]) -> dict[str, Value]:
    """The attributes of a shape; `kinds` are their input types by name."""
    pairs = ((child.attrib["name"], child.text or "") for child in element if child.tag == "attribute")
    return {name: value_as(name, kinds.get(name), text) for name, text in pairs}


def geometry_of(element: Element) -> types.Geometry:
    """The geometry of a shape.

    Raises:
        KeyError, ValueError, ArithmeticError: the data does not follow the format.
    """
    if element.tag not in _SHAPES:
        raise ReaderError("shape_unsupported", type=element.tag[:100])
    return _SHAPES[element.tag](element)


def points_of(text: str, minimum: int = 1) -> list[types.Point]:
    """Points written `x,y;x,y`.

    Raises:
        ValueError: the data does not follow the format.
    """
    points = [tuple(map(float, pair.split(","))) for pair in text.split(";")]
    if len(points) < minimum or any(len(point) != 2 for point in points):
        raise ReaderError("points_too_few", count=len(points), minimum=minimum)
    return [(x, y) for x, y in points]


def bitmap(runs: list[int], left: int, top: int, width: int, height: int) -> types.Bitmap:
    """A bitmap from run lengths, the first outside; the last outside run may be missing.

    Raises:
        ValueError: the data does not follow the format.
    """
    if width < 0 or height < 0 or width * height > MAX_PIXELS:
        raise ReaderError("mask_too_large", width=width, height=height)
    rest = width * height - sum(runs)
    if rest > 0:
        runs = [*runs, rest] if len(runs) % 2 == 0 else [*runs[:-1], runs[-1] + rest]
    decoded = types.Bitmap(x=left, y=top, width=width, height=height, runs=runs)
    if (error := bitmap_error(decoded)) is not None:
        raise error
    if not any(runs[1::2]):
        raise ReaderError("mask_empty")
    return decoded


def keypoints_with_outside(element: Element) -> Iterator[tuple[types.Keypoint, bool]]:
    """The keypoints of a skeleton, and whether each is outside."""
    for child in element:
        if child.tag == "points":
            ((x, y),) = points_of(child.attrib["points"])
            yield (
                types.Keypoint(name=child.attrib["label"], x=x, y=y, visible=not flag(child, "occluded")),
                flag(child, "outside"),
            )


def _box(element: Element) -> types.Box:
    x1, y1, x2, y2 = (number(element, name) for name in ("xtl", "ytl", "xbr", "ybr"))
    return types.Box(x1=x1, y1=y1, x2=x2, y2=y2, rotation=number(element, "rotation", "0"))


def _polygon(element: Element) -> types.Polygon:
    return types.Polygon(parts=[types.Part(outer=points_of(element.attrib["points"], 3))])


def _ellipse(element: Element) -> types.Ellipse:
    cx, cy, rx, ry = (number(element, name) for name in ("cx", "cy", "rx", "ry"))
    return types.Ellipse(cx=cx, cy=cy, rx=rx, ry=ry, rotation=number(element, "rotation", "0"))


def _cuboid(element: Element) -> types.Cuboid:
    points: list[Any] = [None] * len(CUBOID_CORNERS)
    for name, at in CUBOID_CORNERS.items():
        points[at] = number(element, f"x{name}"), number(element, f"y{name}")
    return types.Cuboid(points=points)


def _mask(element: Element) -> types.Bitmap:
    left, top, width, height = (int(number(element, name)) for name in ("left", "top", "width", "height"))
    return bitmap([int(run) for run in element.attrib["rle"].split(",")], left, top, width, height)


def _skeleton(element: Element) -> types.Skeleton:
    keypoints = [keypoint for keypoint, is_outside in keypoints_with_outside(element) if not is_outside]
    if not keypoints:
        raise ReaderError("points_not_visible")
    return types.Skeleton(keypoints=keypoints)


_SHAPES: Mapping[str, Callable[[Element], types.Geometry]] = {
    "box": _box,
    "polygon": _polygon,
    "polyline": lambda element: types.Polyline(points=points_of(element.attrib["points"], 2)),
    "points": lambda element: types.Points(points=points_of(element.attrib["points"])),
    "ellipse": _ellipse,
    "cuboid": _cuboid,
    "mask": _mask,
    "skeleton": _skeleton,
}
