"""Geometries: one class per kind of shape. Coordinates are float pixels with the origin at the top-left corner of the
top-left pixel, x to the right, y down. Angles are in degrees, clockwise as seen on the image."""

from typing import Annotated, Literal

from pydantic import Field, FiniteFloat

from common.contract.model import Model

# x, y
Point = tuple[FiniteFloat, FiniteFloat]


class Box(Model):
    """A box, rotated by `rotation` degrees clockwise about its center."""

    kind: Literal["bbox"] = "bbox"
    x1: FiniteFloat
    y1: FiniteFloat
    x2: FiniteFloat
    y2: FiniteFloat
    rotation: FiniteFloat = 0.0


class Part(Model):
    """A closed outer ring and its holes. The first point of a ring is not repeated at its end."""

    outer: list[Point]
    holes: list[list[Point]] = []


class Polygon(Model):
    """An area of one or more parts."""

    kind: Literal["polygon"] = "polygon"
    parts: list[Part]


class Polyline(Model):
    """An open line through its points."""

    kind: Literal["polyline"] = "polyline"
    points: list[Point]


class Points(Model):
    """Unnamed points without edges."""

    kind: Literal["points"] = "points"
    points: list[Point]


class Keypoint(Model):
    """A named point of an object. `visible` is false if it is hidden in the image. Unknown points are omitted."""

    name: str = Field(min_length=1, max_length=200)
    x: FiniteFloat
    y: FiniteFloat
    visible: bool = True


class Skeleton(Model):
    """An object as named keypoints. Its category defines the edges between them."""

    kind: Literal["skeleton"] = "skeleton"
    keypoints: list[Keypoint]


class Bitmap(Model):
    """A set of pixels in a rectangle of `width` × `height` pixels whose top-left pixel is (x, y).

    `runs` are the lengths of runs of pixels, row by row through the rectangle, alternately outside and inside. The
    first run is outside and may be 0. Their sum is width · height.
    """

    kind: Literal["bitmap"] = "bitmap"
    x: int
    y: int
    width: int
    height: int
    runs: list[int]


class Circle(Model):
    """A circle, given by center and radius."""

    kind: Literal["circle"] = "circle"
    cx: FiniteFloat
    cy: FiniteFloat
    r: FiniteFloat


class Ellipse(Model):
    """An ellipse, given by center and half axes, rotated by `rotation` degrees clockwise about its center."""

    kind: Literal["ellipse"] = "ellipse"
    cx: FiniteFloat
    cy: FiniteFloat
    rx: FiniteFloat
    ry: FiniteFloat
    rotation: FiniteFloat = 0.0


class Line(Model):
    """A straight line, solid or dashed."""

    kind: Literal["line"] = "line"
    x1: FiniteFloat
    y1: FiniteFloat
    x2: FiniteFloat
    y2: FiniteFloat
    dashed: bool = False


class Cuboid(Model):
    """A cuboid, given by its eight projected corners: front face, then back face, each top-left, top-right,
    bottom-right, bottom-left."""

    kind: Literal["cuboid"] = "cuboid"
    points: list[Point]


class Angles(Model):
    """An orientation in space, in degrees from -180 to 180."""

    roll: FiniteFloat = 0.0
    pitch: FiniteFloat = 0.0
    yaw: FiniteFloat = 0.0


class Rpy(Model):
    """A point with an orientation in space."""

    kind: Literal["rpy"] = "rpy"
    x: FiniteFloat
    y: FiniteFloat
    angles: Angles


class ImageTag(Model):
    """The whole image: the geometry of labels of whole images and of spans of videos."""

    kind: Literal["label"] = "label"


Geometry = Annotated[
    Box | Polygon | Polyline | Points | Skeleton | Bitmap | Circle | Ellipse | Line | Cuboid | Rpy | ImageTag,
    Field(discriminator="kind"),
]
AnnotationType = Literal[
    "bbox",
    "polygon",
    "polyline",
    "points",
    "skeleton",
    "bitmap",
    "circle",
    "ellipse",
    "line",
    "cuboid",
    "rpy",
    "label",
]
