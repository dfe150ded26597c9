"""Random objects and edits of every verb and kind, some of them invalid."""

import random
from collections.abc import Callable, Mapping
from typing import Any

from annotation.domain.derived_edits import label_id
from annotation.domain.ontology import Ontology
from common.contract import edits
from common.contract.labels import Behavior, Keyframe
from common.contract.missions import Attribute, BehaviorType, Category, Mission, Type
from common.geometry import types

FRAMES = 12
OBJECTS = ("o1", "o2", "o3", "o4")
MANY = ("bbox", "bbox", "bbox", "polygon", "bitmap", "label")
OTHER = ("polyline", "points", "skeleton", "circle", "ellipse", "line", "cuboid", "rpy")
SPEED = Attribute(id="a", name="Speed", kind="number", mutable=True)
SIDE = Attribute(id="b", name="Side", values=["x", "y"], mutable=True)
COLOUR = Attribute(id="c", name="Colour", kind="text")
CATEGORIES = [
    Category(
        id="car", name="Car", color="#112233", attributes=[SPEED, SIDE, COLOUR], types=[Type(id="van", name="Van")]
    ),
    Category(id="bus", name="Bus", color="#112233", attributes=[SPEED, SIDE]),
]
NAMES = Ontology([Mission(id="m", name="M", categories=CATEGORIES, behaviors=[BehaviorType(id="turn", name="Turn")])])
# The last of each is invalid.
JOINTS = (*["h", "hf"] * 6, "hh")
RUNS = ([1, 10, 1], [0, 12], [1, 11], [3, 2, 7], [2, 3, 5, 2], [11])
VALUES: Mapping[str, tuple[Any, ...]] = {
    "a": (None, 2.5, 7.0, float("nan"), "fast"),
    "b": (None, "x", "y", "z"),
    "c": (None, "red", "blue", True),
}


def label_of(category: str) -> str:
    """The id of the label of the medium with a category."""
    return label_id("m", "m", category)


class EditSource:
    """Generates random shapes and edits."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self._kinds = [rng.choice(MANY), rng.choice(MANY + OTHER)]

    def shape(self, kind: str) -> types.Geometry:
        """A random shape, sometimes invalid."""
        rng, x, y = self.rng, self.rng.uniform(-5, 50), self.rng.uniform(-5, 9)
        points = [(x, y), (x + rng.uniform(2, 9), y), (x + 9, y + 9), (x, y + rng.uniform(2, 9))]
        if rng.random() < 0.03:
            points = [points[0], points[2], points[1], points[3]][: rng.choice((1, 2, 4))]
        size = rng.choice((0.25, *[6.0] * 40))
        require_simple: dict[str, Callable[[], types.Geometry]] = {
            "bbox": lambda: types.Box(x1=x, y1=y, x2=x + 2 * size, y2=y + 9, rotation=rng.choice((0, 0, 90, 33))),
            "polygon": lambda: types.Polygon(parts=[types.Part(outer=points[: rng.choice((3, 4, 4))])]),
            "polyline": lambda: types.Polyline(points=points[: rng.choice((2, 3, 4))]),
            "points": lambda: types.Points(points=points[: rng.choice((1, 3))]),
            "skeleton": lambda: types.Skeleton(
                keypoints=[types.Keypoint(name=n, x=x, y=y) for n in rng.choice(JOINTS)]
            ),
            "bitmap": lambda: types.Bitmap(x=int(x), y=0, width=4, height=3, runs=rng.choice(RUNS)),
            "circle": lambda: types.Circle(cx=x, cy=y, r=size),
            "ellipse": lambda: types.Ellipse(cx=x, cy=y, rx=size, ry=3, rotation=rng.choice((0, 45))),
            "line": lambda: types.Line(x1=x, y1=y, x2=x + size, y2=y + rng.choice((-5, 5))),
            "cuboid": lambda: types.Cuboid(points=[*points, *((px + 3, py - 3) for px, py in points)]),
            "rpy": lambda: types.Rpy(x=x, y=y, angles=types.Angles(yaw=rng.uniform(-170, 190))),
            "label": types.ImageTag,
        }  # fmt: skip
        return require_simple[kind]()

    def keyframe(self, frame: int, kind: str, source: str = "manual") -> Keyframe:
        """A random keyframe, sometimes outside."""
        rng = self.rng
        values = {name: value for name, value in self.values("ab").items() if value is not None}
        parts: dict[str, Any] = {}
        if kind in ("bbox", "polygon") and rng.random() < 0.2:
            parts = {
                "keypoints": [types.Keypoint(name="n", x=5, y=5)],
                "rpy": types.Angles(roll=rng.uniform(-180, 180)),
            }
        return Keyframe(
            frame=frame,
            geometry=self.shape(kind),
            outside=rng.random() < 0.25,
            occluded=kind != "label" and rng.random() < 0.2,
            source=source,
            attributes=values if rng.random() < 0.3 else {},
            **parts,
        )

    def values(self, names: str) -> dict[str, Any]:
        """Values of some attributes, most of them valid."""
        chosen = self.rng.sample(names, self.rng.randint(1, len(names)))
        good = 3 if self.rng.random() < 0.97 else None
        return {name: self.rng.choice(VALUES[name][:good]) for name in chosen}

    def frame(self) -> int:
        """A frame of the medium, sometimes the one after its end."""
        return self.rng.randrange(FRAMES + (self.rng.random() < 0.05))

    def frame_range(self) -> dict[str, int]:
        """Frames first…last, sometimes without bounds."""
        first, last = sorted((self.frame(), self.frame()))
        return {name: at for name, at in (("first", first), ("last", last)) if self.rng.random() < 0.8}

    def behavior(self) -> Behavior:
        """A random behavior."""
        first = self.frame()
        last = min(first + self.rng.randint(-1, 4), FRAMES)
        return Behavior(id=self.rng.choice("pq"), name="Turn", first=first, last=max(last, 0))

    def creation(self, about: dict[str, Any]) -> edits.Create:
        """A new object of any kind; a label with its fixed id."""
        rng = self.rng
        kind, category = rng.choice(self._kinds), rng.choice((*["Car", "car", "Bus"] * 9, "Kar"))
        if kind == "label" and category != "Kar":
            about = about | {"object": label_of(category.lower())}
        keyframes = [self.keyframe(frame, kind) for frame in rng.sample(range(FRAMES), rng.randint(1, 3))]
        return edits.Create(
            **about | {"base_revision": 0},
            mission=rng.choice(("m", "M")),
            category=category,
            attributes={name: value for name, value in self.values("abc").items() if value is not None},
            keyframes=keyframes,
            behaviors=[self.behavior()] if rng.random() < 0.2 else [],
        )

    def edit(self, about: dict[str, Any], kind: str, seen: Mapping[str, int]) -> edits.Edit:
        """An edit of an object of a kind; `seen` are the known revisions of other objects."""
        rng, base = self.rng, about["base_revision"]
        known = [object_id for object_id in OBJECTS if object_id in seen and object_id != about["object"]] or ["o1"]
        merged = rng.sample(known, min(len(known), rng.choice((1, 1, 2))))
        others = [edits.ObjectRevision(object=other, base_revision=seen.get(other, 0)) for other in merged]
        at = self.frame()
        verbs: list[Callable[[], edits.Edit]] = [
            *[lambda: edits.PutKeyframe(**about, keyframe=self.keyframe(self.frame(), self._kind(kind)))] * 14,
            *[lambda: edits.RemoveKeyframe(**about, frame=self.frame())] * 2,
            *[lambda: edits.SetAttributes(**about, attributes=self.values("abc"), frame=rng.choice((None, at)))] * 3,
            *[lambda: edits.SetPresence(**about, **self.frame_range(), present=rng.random() < 0.5)] * 3,
            *[lambda: edits.Revert(**about, revision=max(1, base - rng.randint(0, 3)))] * 3,
            lambda: edits.SetOcclusion(**about, **self.frame_range(), occluded=rng.random() < 0.5),
            lambda: edits.SetCategory(**about, category=rng.choice(("Car", "bus")), type=rng.choice((None, "Van"))),
            lambda: edits.SetDone(**about, done=rng.random() < 0.5),
            lambda: edits.SetGroup(**about, group=rng.choice((None, "g"))),
            lambda: edits.SetZOrder(**about, z_order=rng.randint(-2, 2)),
            *[lambda: edits.MakeDefault(**about)] * (3 if kind == "label" else 1),
            lambda: edits.Move(**about, **self.frame_range(), dx=rng.uniform(-9, 9), dy=rng.choice((0, 3))),
            lambda: edits.Scale(**about, **self.frame_range(), factor_x=rng.uniform(0.5, 2),
                          factor_y=2 ** rng.uniform(-1, 1), about=rng.choice((None, (5, 5)))),
            lambda: edits.Shift(**about, frames=rng.randint(-3, 3)),
            lambda: edits.Propagate(**about, frame=self.frame(), to=self.frame()),
            lambda: edits.Reduce(**about, **self.frame_range(), tolerance=rng.choice((0.5, 20))),
            lambda: self.generated(about, kind),
            lambda: edits.Convert(**about, to=rng.choice(("bitmap", "polygon")), simplified=rng.random() < 0.5),
            lambda: edits.PutBehavior(**about, behavior=self.behavior()),
            lambda: edits.RemoveBehavior(**about, behavior=rng.choice("pq")),
            *[lambda: edits.Split(**about, frame=self.frame(), into=rng.choice((*OBJECTS, f"{about['id']}s")))] * 2,
            *[lambda: edits.Merge(**about, others=others)] * 2,
            lambda: edits.Delete(**about),
            lambda: edits.Restore(**about, revision=rng.randint(1, base + 1)),
        ]  # fmt: skip
        return rng.choice(verbs)()

    def _kind(self, kind: str) -> str:
        return kind if self.rng.random() < 0.98 else self.rng.choice(MANY)

    def generated(self, about: dict[str, Any], kind: str) -> edits.PutGenerated:
        """Shapes found by a run for an object."""
        first, last = sorted((self.frame(), self.frame()))
        found = self.rng.sample(range(first, last + 1), self.rng.randint(0, last - first + 1))
        keyframes = [self.keyframe(frame, kind, "quick") for frame in found]
        return edits.PutGenerated(**about, first=first, last=last, keyframes=keyframes)
