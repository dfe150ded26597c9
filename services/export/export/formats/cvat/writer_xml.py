"""What both of CVAT's XML formats share: shapes as elements, and what is said of them."""

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
# So many drawn shapes are remembered: those that do not move from frame to frame are drawn once.
_REMEMBERED = 256


class Piece(NamedTuple):
    """An element: its name, where it is as attributes that begin with a blank, and the points of a skeleton."""

    tag: str
    where: str
    keypoints: list[types.Keypoint] | None = None


class Drawing:
    """Draws the shapes of one medium."""

    def __init__(self, medium: ExportMedium) -> None:
        self._clip = medium.width, medium.height
        self._drawn: dict[int, tuple[types.Geometry, list[Piece]]] = {}

    def pieces(self, shape: Corners | types.Geometry) -> list[Piece]:
        """The elements that a shape becomes: one for each part of a polygon, none if nothing of it is to be seen."""
        if isinstance(shape, tuple):
            return [Piece("box", box(shape))]
        found = self._drawn.get(id(shape))
        if found is None:
            if len(self._drawn) >= _REMEMBERED:
                self._drawn.clear()
            # The shape is kept too: its id is its own only as long as it lives.
            found = self._drawn[id(shape)] = shape, self._draw(shape)
        return found[1]

    def _draw(self, shape: types.Geometry) -> list[Piece]:  # noqa: PLR0911  one for each kind
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
                return [Piece("ellipse", _round(shape.cx, shape.cy, shape.rx, shape.ry) + turned(shape.rotation))]
            case types.Cuboid() if len(shape.points) == 8:
                corners = ((name, *shape.points[at]) for name, at in CUBOID_CORNERS.items())
                return [Piece("cuboid", "".join(f' x{name}="{x:.2f}" y{name}="{y:.2f}"' for name, x, y in corners))]
            case types.Skeleton():
                return [Piece("skeleton", "", shape.keypoints)]
        return []

    def _mask(self, shape: types.Polygon | types.Bitmap) -> list[Piece]:
        try:
            found = rasterize(shape, self._clip)
        except ValueError:
            return []
        if not found.width:
            return []
        runs = ", ".join(map(str, found.runs))
        size = f' left="{found.x}" top="{found.y}" width="{found.width}" height="{found.height}"'
        return [Piece("mask", f' rle="{runs}"{size}')]


def box(corners: Corners) -> str:
    """Where a box is."""
    return ' xtl="%.2f" ytl="%.2f" xbr="%.2f" ybr="%.2f"' % corners[:4] + turned(corners[4])  # noqa: UP031  faster


def turned(rotation: float) -> str:
    """By how much a shape is turned, from 0 up to 360 degrees; nothing if it is not."""
    degrees = round(rotation % 360, 2) % 360
    return f' rotation="{degrees:.2f}"' if degrees else ""


def attributes_xml(found: LabelObject, attributes: dict[str, Any], report: LossReport) -> str:
    """The elements for an object's type and attributes."""
    said = [(name, value_text(value)) for name, value in attributes.items() if name not in RESERVED]
    said += [(TYPE, found.type)] if found.type is not None else []
    return "".join(
        f'<attribute name="{xml_text(name, report)}">{xml_text(value, report)}</attribute>\n' for name, value in said
    )


def keypoints_xml(keypoints: Iterable[types.Keypoint], label: CvatLabel, marks: str, report: LossReport) -> str:
    """The points of a skeleton; readers want all that its label has, so that those not known are `outside`."""
    known = {keypoint.name: keypoint for keypoint in keypoints}
    somewhere = next(iter(known.values()), None)
    rows = []
    for name in dict.fromkeys((*label.joints, *known)):
        keypoint = known.get(name, somewhere)
        if keypoint is not None:
            outside, occluded = int(name not in known), int(name in known and not keypoint.visible)
            rows.append(
                f'<points label="{xml_text(name, report)}"{marks} outside="{outside}" occluded="{occluded}"'
                f"{_points([(keypoint.x, keypoint.y)])}></points>\n"
            )
    return "".join(rows)


def pictures(dataset: Dataset) -> Iterator[Entry]:
    """The pictures where both formats have them."""
    divided = is_divided(dataset)
    for medium, picture in dataset.images():
        folder = f"images/{medium.subset}" if divided else "images"
        yield Entry(f"{folder}/{medium.frame_path(picture.frame)}", picture.chunks, picture.size_bytes, packed=True)


def is_divided(dataset: Dataset) -> bool:
    """Whether there are subsets."""
    return any(medium.subset != "default" for medium in dataset.media)


class Groups:
    """Numbers for groups from 1, in the order in which they are asked for."""

    def __init__(self) -> None:
        self._last = 0
        self._numbers: dict[object, int] = {}

    def of(self, group: object) -> int:
        """The number of a group of this medium."""
        if group not in self._numbers:
            self._last += 1
            self._numbers[group] = self._last
        return self._numbers[group]

    def leave_medium(self) -> None:
        """Forget the groups so far: no group is in two media."""
        self._numbers.clear()


def _points(points: Iterable[types.Point]) -> str:
    return f' points="{";".join(["%.2f,%.2f" % (x, y) for x, y in points])}"'  # noqa: UP031  faster


def _round(cx: float, cy: float, rx: float, ry: float) -> str:
    return f' cx="{cx:.2f}" cy="{cy:.2f}" rx="{rx:.2f}" ry="{ry:.2f}"'
