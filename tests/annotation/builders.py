"""Builders of objects and edits for every kind of geometry."""

from typing import Any

from pydantic import TypeAdapter

from annotation.domain.edit import create
from annotation.domain.edit_context import EditContext, Medium
from common.contract.edits import Create, Edit, Rules
from common.contract.labels import Keyframe, ObjectState
from common.geometry import types

FRAMES = 100
EDIT: TypeAdapter[Edit] = TypeAdapter(Edit)
CONTEXT = EditContext("p", "m", Medium(FRAMES), "ada", now=1000.0)
RUN = EditContext("p", "m", Medium(FRAMES), "run", automatic=True)
SQUARE = [(0.0, 0.0), (10.0, 0.0), (10.0, 10.0), (0.0, 10.0)]


def on_picture(outside: str, width: int = 100, height: int = 80) -> EditContext:
    """A context with a known image size and a rule for shapes beyond the image."""
    rules = Rules.model_validate({"outside": outside})
    return EditContext("p", "m", Medium(FRAMES, width, height), "ada", rules=rules)


def box(x: float = 0.0, size: float = 10.0, rotation: float = 0.0) -> types.Box:
    """A square box at (x, 0)."""
    return types.Box(x1=x, y1=0, x2=x + size, y2=size, rotation=rotation)


def square(x: float = 0.0, size: float = 10.0) -> types.Polygon:
    """A square polygon at (x, 0)."""
    return types.Polygon(parts=[types.Part(outer=[(x, 0), (x + size, 0), (x + size, size), (x, size)])])


def shape(kind: str, x: float = 0.0) -> types.Geometry:
    """A shape of a kind, at x."""
    moved = [(x + px, py) for px, py in SQUARE]
    made: dict[str, types.Geometry] = {
        "bbox": box(x),
        "polygon": square(x),
        "polyline": types.Polyline(points=moved[:3]),
        "points": types.Points(points=moved[:2]),
        "skeleton": types.Skeleton(
            keypoints=[types.Keypoint(name="head", x=x, y=1), types.Keypoint(name="foot", x=x, y=9)]
        ),
        "bitmap": types.Bitmap(x=int(x), y=0, width=3, height=2, runs=[1, 4, 1]),
        "circle": types.Circle(cx=x + 5, cy=5, r=5),
        "ellipse": types.Ellipse(cx=x + 5, cy=5, rx=5, ry=3, rotation=30),
        "line": types.Line(x1=x, y1=0, x2=x + 10, y2=10),
        "cuboid": types.Cuboid(points=[*moved, *((px + 2, py + 2) for px, py in moved)]),
        "rpy": types.Rpy(x=x, y=5, angles=types.Angles(yaw=20)),
        "label": types.ImageTag(),
    }
    return made[kind]


KINDS = (
    "bbox", "polygon", "polyline", "points", "skeleton", "bitmap", "circle", "ellipse", "line", "cuboid", "rpy",
    "label",
)  # fmt: skip


def key(frame: int, geometry: types.Geometry | None = None, **more: Any) -> Keyframe:
    """A keyframe, by default with a box."""
    return Keyframe(frame=frame, geometry=box() if geometry is None else geometry, **more)


def creating(*keyframes: Keyframe, **more: Any) -> Create:
    """The edit that creates object o1, by default with two boxes."""
    given = {"id": "e1", "object": "o1", "base_revision": 0, "mission": "m1", "category": "Car"}
    return Create.model_validate(given | {"keyframes": list(keyframes) or [key(10), key(20, box(50))]} | more)


def made(*keyframes: Keyframe, context: EditContext = CONTEXT, **more: Any) -> ObjectState:
    """Object o1, by default with two boxes."""
    return create(creating(*keyframes, **more), context)


def edit(verb: str, base: int = 1, object_id: str = "o1", name: str = "e2", **more: Any) -> Edit:
    """An edit of object o1."""
    return EDIT.validate_python({"id": name, "object": object_id, "base_revision": base, "verb": verb} | more)


def frames(state: ObjectState) -> list[int]:
    """The frames of an object's keyframes; negative for those outside."""
    return [-one.frame if one.outside else one.frame for one in state.keyframes]
