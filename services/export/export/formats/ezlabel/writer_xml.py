"""ezLabel XML: one file of boxes per frame, as ezLabel writes it, with additional elements.

`Annotations/<file>_00001.xml`, frames counted from 1, and `All/<file>/<file>_00001.jpg`:

    <annotation>
    <object><filename>All/a.mp4/a.mp4_00001.jpg</filename><name>Vehicle</name>
    <bndbox><xmin>0</xmin><ymin>…</ymin><xmax>…</xmax><ymax>…</ymax></bndbox>
    <id>1</id><type>Car</type><attribute name="Occlusion">Partial</attribute>
    <polygon><pt x="1.00" y="2.00"/>…<hole><pt …/>…</hole></polygon>
    <box x1="0.40" y1="0.00" x2="9.50" y2="8.00" rotation="30.00"/>
    <disappearance first="100" last="150"/>
    <behavior type="Turn" attribute="Left" first="40" last="80"/></object>
    </annotation>

Old readers know only `filename`, `name` and `bndbox`, in whole pixels from 0. `id` counts the objects of a medium from
1 and is the same on all frames. Every shape except boxes in whole pixels has its contour as `polygon`, one per part. A
rotated or fractional box also has its unrotated corners as `box`. `disappearance` is on the last frame before an object
leaves the view and gives the frames without it; `behavior` is on the frames to which it applies.
"""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import PurePosixPath
from typing import Any

from common.geometry.boxes import corners
from common.geometry.types import Box, Circle, Ellipse, Geometry, Part, Point, Polygon
from export.codecs.zip import Entry
from export.dataset.behaviors import count_unseen
from export.dataset.dataset import Dataset
from export.dataset.ellipse_polygons import ellipse_contour
from export.dataset.labels import Labels
from export.dataset.media import ExportMedium
from export.dataset.objects import LabelObject
from export.dataset.rows import NOTHING
from export.dataset.shapes import Shape, Span
from export.dataset.track import Corners
from export.dataset.xml_text import value_text, xml_text
from export.formats.image_entries import image_entries

_REMEMBERED = 4096
_DECIMALS = 2


def write(dataset: Dataset) -> Iterator[Entry]:
    """The archive's entries."""
    for labels in dataset.labels():
        count_unseen(labels)
        frames = _Frames(labels)
        for frame in labels.frames(_DECIMALS):
            objects = "".join(map(frames.element, frame.shapes))
            name = f"Annotations/{labels.medium.path}_{frame.number + 1:05d}.xml"
            yield Entry.of(name, f"<annotation>\n{objects}</annotation>\n".encode())
    yield from image_entries(dataset, _image_path)


def _image_path(medium: ExportMedium, frame: int) -> str:
    path = PurePosixPath(medium.path)
    suffix = path.suffix if medium.kind == "image" else ".jpg"
    return f"All/{path}/{path.name}_{frame + 1:05d}{suffix}"


class _Frames:
    """Writes the objects on the frames of one medium."""

    def __init__(self, labels: Labels) -> None:
        self._medium = labels.medium
        self._report = labels.report
        self._ends = [_ends(spans, labels.medium.frame_count) for spans in labels.spans()]
        self._cached: dict[Any, str] = {}

    def element(self, shape: Shape) -> str:
        """The element of an object; empty if the shape is empty."""
        geometry = _geometry(shape.geometry)
        if geometry is None:
            self._report.add(NOTHING)
            return ""
        box, polygons = geometry
        file = self._text(_image_path(self._medium, shape.frame))
        return (
            f"<object>\n<filename>{file}</filename>\n<name>{self._text(shape.object.category)}</name>\n{box}"
            f"<id>{shape.object_index + 1}</id>\n{self._attributes(shape)}{polygons}{self._end(shape)}"
            f"{self._behaviors(shape.object, shape.frame)}</object>\n"
        )

    def _attributes(self, shape: Shape) -> str:
        """The type and attributes; cached, because most shapes repeat them on many frames."""
        key = shape.object_index, id(shape.attributes)
        elements = self._cached.get(key)
        if elements is None:
            if len(self._cached) >= _REMEMBERED:
                self._cached.clear()
            type_name = shape.object.type
            elements = "" if type_name is None else f"<type>{self._text(type_name)}</type>\n"
            elements += "".join(
                f'<attribute name="{self._text(name)}">{self._text(value_text(value))}</attribute>\n'
                for name, value in shape.attributes.items()
            )
            self._cached[key] = elements
        return elements

    def _end(self, shape: Shape) -> str:
        last = self._ends[shape.object_index].get(shape.frame)
        return "" if last is None else f'<disappearance first="{shape.frame + 2}" last="{last + 1}"/>\n'

    def _behaviors(self, label_object: LabelObject, frame: int) -> str:
        return "".join(
            f'<behavior type="{self._text(label_object.resolved_class.behaviors.of(behavior.name))}"'
            f' attribute="{self._text(behavior.attribute or "")}"'
            f' first="{behavior.first + 1}" last="{behavior.last + 1}"/>\n'
            for behavior in label_object.state.behaviors
            if behavior.first <= frame <= behavior.last
        )

    def _text(self, value: str) -> str:
        return xml_text(value, self._report)


def _ends(spans: Sequence[Span], frame_count: int) -> dict[int, int]:
    """The last frame of each gap between spans, by the last frame before the gap."""
    starts = [*(first for first, _ in spans[1:]), frame_count][: len(spans)]
    return {last: start - 1 for (_, last), start in zip(spans, starts, strict=True) if start > last + 1}


def _geometry(shape: Corners | Geometry) -> tuple[str, str] | None:
    """The box of a shape in whole pixels, and its exact geometry if that differs."""
    if isinstance(shape, tuple):
        return _box_geometry(shape)
    if isinstance(shape, Circle | Ellipse):
        parts = [Part.model_construct(outer=ellipse_contour(shape), holes=[])]
    else:
        parts = [part for part in shape.parts if len(part.outer) > 2] if isinstance(shape, Polygon) else []
    points = [point for part in parts for point in part.outer]
    if not points:
        return None
    return _bounding_box(points), "".join(_polygon(part.outer, part.holes) for part in parts)


def _box_geometry(box: Corners) -> tuple[str, str]:
    # Adding 0.0 turns -0.0 into 0.0.
    x1, y1, x2, y2, rotation = (number + 0.0 for number in box)
    if not rotation and all(corner == round(corner) for corner in box[:4]):
        return _bndbox(x1, y1, x2, y2), ""
    ring: Sequence[Point] = ((x1, y1), (x2, y1), (x2, y2), (x1, y2))
    rotation_field = ""
    if rotation:
        ring = corners(Box.model_construct(x1=x1, y1=y1, x2=x2, y2=y2, rotation=rotation))
        rotation_field = f' rotation="{rotation:.2f}"'
    exact = f'<box x1="{x1:.2f}" y1="{y1:.2f}" x2="{x2:.2f}" y2="{y2:.2f}"{rotation_field}/>\n'
    return _bounding_box(ring) if rotation else _bndbox(x1, y1, x2, y2), _polygon(ring, ()) + exact


def _bounding_box(points: Sequence[Point]) -> str:
    xs, ys = zip(*points, strict=True)
    edges = min(xs), min(ys), max(xs), max(ys)
    return _bndbox(*(round(edge, _DECIMALS) for edge in edges))


def _bndbox(*corners_xyxy: float) -> str:
    named = zip(("xmin", "ymin", "xmax", "ymax"), map(round, corners_xyxy), strict=True)
    return f"<bndbox>{''.join(f'<{name}>{corner}</{name}>' for name, corner in named)}</bndbox>\n"


def _polygon(outer: Iterable[Point], holes: Iterable[Iterable[Point]]) -> str:
    hole_elements = "".join(f"<hole>{_points(hole)}</hole>\n" for hole in holes)
    return f"<polygon>{_points(outer)}{hole_elements}</polygon>\n"


def _points(points: Iterable[Point]) -> str:
    return "".join(['<pt x="%.2f" y="%.2f"/>' % (x, y) for x, y in points])  # noqa: UP031  faster
