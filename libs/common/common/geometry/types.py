"""Where a thing is on a picture: one class a kind of shape. Coordinates are float pixels, origin at the top-left
corner of the top-left pixel, x right, y down; angles are degrees, clockwise as seen."""

from typing import Annotated, Literal

from pydantic import Field, FiniteFloat

from common.contract.model import Model

# x, y
Point = tuple[FiniteFloat, FiniteFloat]


class Box(Model):
    """An axis-parallel box turned by `rotation` degrees clockwise about its centre."""

    kind: Literal["bbox"] = "bbox"
    x1: FiniteFloat
    y1: FiniteFloat
    x2: FiniteFloat
    y2: FiniteFloat
    rotation: FiniteFloat = 0.0


class Part(Model):
    """A closed outline and what is cut out of it; the last point joins the first without being repeated."""

    outer: list[Point]
    holes: list[list[Point]] = []


class Polygon(Model):
    """An area of one part or several."""

    kind: Literal["polygon"] = "polygon"
    parts: list[Part]


class Polyline(Model):
    """An open line through its points."""

    kind: Literal["polyline"] = "polyline"
    points: list[Point]


class Points(Model):
    """Points without names and without lines between them."""

    kind: Literal["points"] = "points"
    points: list[Point]


class Keypoint(Model):
    """A named point of a thing; `visible` is false where it is known but hidden. One that is not known is left out."""

    name: str = Field(min_length=1, max_length=200)
    x: FiniteFloat
    y: FiniteFloat
    visible: bool = True


class Skeleton(Model):
    """A thing as its named points; which of them are joined by lines its category says."""

    kind: Literal["skeleton"] = "skeleton"
    keypoints: list[Keypoint]


class Bitmap(Model):
    """Any set of pixels within the rectangle of `width` × `height` pixels whose top-left pixel is (x, y).

    `runs` are the lengths of runs of pixels, row by row through the rectangle, outside and inside in turn; the
    first run is outside and may be 0. They add up to width · height.
    """

    kind: Literal["bitmap"] = "bitmap"
    x: int
    y: int
    width: int
    height: int
    runs: list[int]


class Circle(Model):
    """A circle by its centre and radius."""

    kind: Literal["circle"] = "circle"
    cx: FiniteFloat
    cy: FiniteFloat
    r: FiniteFloat


class Ellipse(Model):
    """An ellipse by its centre and half axes, turned by `rotation` degrees clockwise about its centre."""

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
    """A cuboid as it is seen: its eight corners on the picture, front face first, each face top-left, top-right,
    bottom-right, bottom-left."""

    kind: Literal["cuboid"] = "cuboid"
    points: list[Point]


class Angles(Model):
    """How a thing is turned in space, in degrees from -180 to 180."""

    roll: FiniteFloat = 0.0
    pitch: FiniteFloat = 0.0
    yaw: FiniteFloat = 0.0


class Rpy(Model):
    """A place with the direction that a thing there is turned to."""

    kind: Literal["rpy"] = "rpy"
    x: FiniteFloat
    y: FiniteFloat
    angles: Angles


class ImageTag(Model):
    """All of the picture: what a label of a whole image, or of a span of a video, covers."""

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
