"""What formats can carry, and the one place where it is counted what they cannot."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

KINDS: Mapping[str, str] = {
    "bbox": "boxes",
    "polygon": "polygons",
    "polyline": "polylines",
    "points": "points",
    "skeleton": "skeletons",
    "bitmap": "bitmaps",
    "circle": "circles",
    "ellipse": "ellipses",
    "line": "lines",
    "cuboid": "cuboids",
    "rpy": "roll-pitch-yaw points",
    "label": "labels of whole files",
}


class Feature(StrEnum):
    """What objects have that not every format can say, in words for people. Who made an object, when, its id and
    its revision are the product's book-keeping and none."""

    MISSIONS = "missions, where several have a class of the same name"
    TYPES = "types of categories"
    ATTRIBUTES = "attributes"
    CHANGING = "attributes that change from frame to frame"
    RESERVED = "attributes named like a built-in one"
    TRACKS = "tracks: which shapes are the same object"
    OCCLUSION = "occlusion"
    ROTATION = "rotation of boxes and ellipses"
    HOLES = "holes of polygons"
    PARTS = "polygons of several parts"
    DASHES = "dashes of lines"
    KEYPOINTS = "keypoints of boxes and polygons"
    ANGLES = "roll, pitch and yaw of boxes and polygons"
    BEHAVIORS = "behaviours"
    GROUPS = "groups"
    Z_ORDER = "which objects are in front of others"
    SCORES = "scores"
    SOURCES = "sources of objects (model, import …)"
    DONE = "ticks of objects"
    DEFAULTS = "which label of a file is its default"
    SPANS = "frames for which a label of a file holds"
    CONDITIONS = "weather, lighting and field of view of files"
    AFTER_END = "keyframes after the last frame"


@dataclass(frozen=True, slots=True)
class Carries:
    """What a format can carry: kinds of shapes and features. `changed` names those among them that arrive as
    something else, and says as what; attributes cannot have `reserved` names."""

    kinds: frozenset[str]
    features: frozenset[Feature]
    changed: Mapping[str, str] = field(default_factory=dict)
    reserved: frozenset[str] = frozenset()

    @classmethod
    def everything(cls) -> "Carries":
        """For a format that loses nothing."""
        return cls(frozenset(KINDS), frozenset(Feature))

    @property
    def cannot(self) -> tuple[str, ...]:
        """What it cannot carry, in words."""
        kinds = (words for kind, words in KINDS.items() if kind not in self.kinds)
        features = (found.value for found in Feature if found not in self.features)
        return (*kinds, *features, *self.changed.values())

    def lost(self, what: Collection[str]) -> list[str]:
        """In words, which of these kinds and features cannot be carried, or arrive as something else."""
        lost = [KINDS.get(one, one) for one in what if one not in self.kinds and one not in self.features]
        return lost + [self.changed[one] for one in what if one in self.changed]
