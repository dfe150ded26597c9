"""Shapes and attributes as XML elements, shared by both of CVAT's XML formats."""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from common.geometry import types
from common.geometry.masks import rasterize
from export.codecs.zip import Entry
from export.dataset.capabilities import OBJECT_FEATURES, SHAPE_FEATURES, Feature
from export.dataset.dataset import Dataset
from export.dataset.loss_report import LossReport
from export.dataset.media import ExportMedium
from export.dataset.objects import LabelObject
from export.dataset.track import Corners
from export.dataset.xml_text import value_text, xml_text
from export.formats.cvat.shapes import CUBOID_CORNERS
from export.formats.cvat.writer_labels import TYPE, CvatLabel
from export.formats.image_entries import image_entries

KINDS = frozenset(
    {"bbox", "polygon", "polyline", "points", "skeleton", "bitmap", "circle", "ellipse", "line", "cuboid"}
)
FEATURES = frozenset(
    {*OBJECT_FEATURES, *SHAPE_FEATURES, Feature.OCCLUSION, Feature.GROUPS, Feature.Z_ORDER, Feature.SOURCES}
)
CHANGED = {
    "circle": "circles_as_ellipses",
    "line": "lines_as_polylines",
    Feature.GROUPS: "groups_as_numbers",
    Feature.SOURCES: "sources_as_cvat",
}
RESERVED = frozenset({TYPE})
SOURCES = {"manual": "manual", "quick": "semi-auto", "interpolated": "semi-auto", "model": "auto", "import": "file"}
# The number of cached shapes: shapes that do not move between frames are converted once.
_REMEMBERED = 256


class Piece(NamedTuple):
    """An element: its tag, its position as attributes with a leading space, and the keypoints of a skeleton."""

    tag: str
    where: str
    keypoints: list[types.Keypoint] | None = None


class ShapeElements:
    """Converts the shapes of one medium to elements."""

    def __init__(self, medium: ExportMedium) -> None:
        self._clip = medium.width, medium.height
        self._cached: dict[int, tuple[types.Geometry, list[Piece]]] = {}

    def pieces(self, shape: Corners | types.Geometry) -> list[Piece]:
        """The elements of a shape: one per polygon part, none if the shape is empty."""
        if isinstance(shape, tuple):
            return [Piece("box", box(shape))]
        cached = self._cached.get(id(shape))
        if cached is None:
            if len(self._cached) >= _REMEMBERED:
                self._cached.clear()
            # The shape is cached too: its id is unique only while it exists.
            cached = self._cached[id(shape)] = shape, self._convert(shape)
        return cached[1]

    def _convert(self, shape: types.Geometry) -> list[Piece]:  # noqa: PLR0911  one for each kind
        match shape:
            case types.Polygon() if not any(part.holes for part in shape.parts):
                outers = (part.outer for part in shape.parts if len(part.outer) > 2)
                return [Piece("polygon", _points(outer)) for outer in outers]
            case types.Polygon() | types.Bitmap():
                return self._mask(shape)
            case types.Polyline() | types.Points():
                return [Piece(shape.kind, _points(shape.points))]
            case types.Line():
                return [Piece("polyline", _points([(shape.x1, shape.y1), (shape.x2, shape.y2)]))]
            case types.Circle():
                return [Piece("ellipse", _round(shape.cx, shape.cy, shape.r, shape.r))]
            case types.Ellipse():
                return [
                    Piece(
                        "ellipse", _round(shape.cx, shape.cy, shape.rx, shape.ry) + rotation_attribute(shape.rotation)
                    )
                ]
            case types.Cuboid() if len(shape.points) == 8:
                corners = ((name, *shape.points[at]) for name, at in CUBOID_CORNERS.items())
                return [Piece("cuboid", "".join(f' x{name}="{x:.2f}" y{name}="{y:.2f}"' for name, x, y in corners))]
            case types.Skeleton():
                return [Piece("skeleton", "", shape.keypoints)]
        return []

    def _mask(self, shape: types.Polygon | types.Bitmap) -> list[Piece]:
        try:
            bitmap = rasterize(shape, self._clip)
        except ValueError:
            return []
        if not bitmap.width:
            return []
        runs = ", ".join(map(str, bitmap.runs))
        size = f' left="{bitmap.x}" top="{bitmap.y}" width="{bitmap.width}" height="{bitmap.height}"'
        return [Piece("mask", f' rle="{runs}"{size}')]


def box(corners: Corners) -> str:
    """The corners of a box, and its rotation."""
    return ' xtl="%.2f" ytl="%.2f" xbr="%.2f" ybr="%.2f"' % corners[:4] + rotation_attribute(corners[4])  # noqa: UP031  faster


def rotation_attribute(rotation: float) -> str:
    """The rotation, at least 0 and below 360 degrees; empty without rotation."""
    degrees = round(rotation % 360, 2) % 360
    return f' rotation="{degrees:.2f}"' if degrees else ""


def attributes_xml(label_object: LabelObject, attributes: dict[str, Any], report: LossReport) -> str:
    """The elements of an object's type and attributes."""
    pairs = [(name, value_text(value)) for name, value in attributes.items() if name not in RESERVED]
    pairs += [(TYPE, label_object.type)] if label_object.type is not None else []
    return "".join(
        f'<attribute name="{xml_text(name, report)}">{xml_text(value, report)}</attribute>\n' for name, value in pairs
    )


def keypoints_xml(keypoints: Iterable[types.Keypoint], label: CvatLabel, marks: str, report: LossReport) -> str:
    """The keypoints of a skeleton; readers need all keypoints of the label, so unlabeled ones are `outside`."""
    known = {keypoint.name: keypoint for keypoint in keypoints}
    somewhere = next(iter(known.values()), None)
    rows = []
    for name in dict.fromkeys((*label.keypoints, *known)):
        keypoint = known.get(name, somewhere)
        if keypoint is not None:
            outside, occluded = int(name not in known), int(name in known and not keypoint.visible)
            rows.append(
                f'<points label="{xml_text(name, report)}"{marks} outside="{outside}" occluded="{occluded}"'
                f"{_points([(keypoint.x, keypoint.y)])}></points>\n"
            )
    return "".join(rows)


def image_files(dataset: Dataset) -> Iterator[Entry]:
    """The frame images, under the paths that both formats use."""
    divided = is_divided(dataset)

    def path(medium: ExportMedium, frame: int) -> str:
        folder = f"images/{medium.subset}" if divided else "images"
        return f"{folder}/{medium.frame_path(frame)}"

    yield from image_entries(dataset, path)


def is_divided(dataset: Dataset) -> bool:
    """Whether the media are divided into subsets."""
    return any(medium.subset != "default" for medium in dataset.media)


class Groups:
    """Numbers for groups, from 1 in order of first use."""

    def __init__(self) -> None:
        self._last = 0
        self._numbers: dict[object, int] = {}

    def of(self, group: object) -> int:
        """The number of a group of the current medium."""
        if group not in self._numbers:
            self._last += 1
            self._numbers[group] = self._last
        return self._numbers[group]

    def leave_medium(self) -> None:
        """Forget all groups: groups never span media."""
        self._numbers.clear()


def _points(points: Iterable[types.Point]) -> str:
    return f' points="{";".join(["%.2f,%.2f" % (x, y) for x, y in points])}"'  # noqa: UP031  faster


def _round(cx: float, cy: float, rx: float, ry: float) -> str:
    return f' cx="{cx:.2f}" cy="{cy:.2f}" rx="{rx:.2f}" ry="{ry:.2f}"'
