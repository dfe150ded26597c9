"""The parts of a dataset that a format can hold, as data."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import get_args

from common.geometry.types import AnnotationType

# The kinds of shapes, in the order in which they are listed.
KINDS: tuple[str, ...] = get_args(AnnotationType)


def loss_code(lost: str) -> str:
    """The reason code of losing a kind of shape or a feature."""
    return f"lost_{lost}"


class Feature(StrEnum):
    """A property of objects that not every format has. Author, time, id and revision of an object belong to the product
    and are no features."""

    MISSIONS = "missions"
    TYPES = "types"
    ATTRIBUTES = "attributes"
    CHANGING = "changing_attributes"
    RESERVED = "reserved_attributes"
    TRACKS = "tracks"
    OCCLUSION = "occlusion"
    ROTATION = "rotation"
    HOLES = "holes"
    PARTS = "parts"
    DASHES = "dashes"
    KEYPOINTS = "keypoints"
    ANGLES = "angles"
    BEHAVIORS = "behaviors"
    GROUPS = "groups"
    Z_ORDER = "z_order"
    SCORES = "scores"
    SOURCES = "sources"
    DONE = "done"
    DEFAULTS = "default_label"
    SPANS = "label_frames"
    CONDITIONS = "conditions"
    AFTER_END = "keyframes_after_end"

    @property
    def loss(self) -> str:
        """The reason code of losing it."""
        return loss_code(self)


# Features that most formats have for objects, and for areas.
OBJECT_FEATURES = frozenset({Feature.TYPES, Feature.ATTRIBUTES, Feature.CHANGING})
SHAPE_FEATURES = frozenset({Feature.ROTATION, Feature.HOLES, Feature.PARTS})


@dataclass(frozen=True, slots=True)
class Capabilities:
    """The kinds of shapes and the features that a format can hold.

    `changed` maps those that are exported in another form to the reason code that names the form. Attributes with
    `reserved` names are lost, because the format uses these names itself.
    """

    kinds: frozenset[str]
    features: frozenset[Feature]
    changed: Mapping[str, str] = field(default_factory=dict)
    reserved: frozenset[str] = frozenset()

    @classmethod
    def everything(cls) -> "Capabilities":
        """Those of a format that loses nothing."""
        return cls(frozenset(KINDS), frozenset(Feature))

    @property
    def losses(self) -> tuple[str, ...]:
        """The reason codes of all that the format loses or changes."""
        missing = (name for name in (*KINDS, *Feature) if name not in self)
        return (*map(loss_code, missing), *self.changed.values())

    def __contains__(self, found: str) -> bool:
        return found in self.kinds or found in self.features

    def lost(self, found: Collection[str]) -> list[str]:
        """The reason codes of those kinds and features among `found` that the format loses or changes."""
        lost = [loss_code(name) for name in found if name not in self]
        return lost + [self.changed[name] for name in found if name in self.changed]
