"""What a writer is fed with: objects as they are seen on frames, and labels of whole media."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple

from common.contract.labels import Keyframe
from common.geometry.types import Angles, Geometry, Keypoint
from export.dataset.objects import LabelObject
from export.dataset.track import Corners, Row

Span = tuple[int, int]


class Shape(NamedTuple):
    """An object as it is seen on one frame.

    `object_index` is the object's place among all of its medium, the same on every frame. `is_key` tells a keyframe
    from a computed shape, for which what cannot be computed holds from the keyframe before. `attributes` are by name:
    the object's, with those that hold on the frame. A box comes as `Corners`, whatever it has beside.
    """

    frame: int
    object_index: int
    object: LabelObject
    is_key: bool
    occluded: bool
    source: str
    score: float | None
    attributes: dict[str, Any]
    geometry: Corners | Geometry
    keypoints: Sequence[Keypoint]
    rpy: Angles | None


@dataclass(frozen=True, slots=True)
class MediumLabel:
    """A label of a whole medium, or of the `spans` of its frames, first to last, on which it holds."""

    object: LabelObject
    keyframes: list[Keyframe]
    spans: list[Span]
    is_default: bool

    def holds(self, frame: int) -> bool:
        """Whether the label is for this frame."""
        return any(first <= frame <= last for first, last in self.spans)


class Frame(NamedTuple):
    """A frame of a medium: the shapes on it, the farthest first, and the labels that hold on it."""

    number: int
    shapes: list[Shape]
    medium_labels: list[MediumLabel]


def holding(rows: Sequence[Row], frame_count: int) -> list[Span]:
    """The runs of frames on which a label with these keyframes holds: from one that is not outside until one that
    is, or the end."""
    found: list[Span] = []
    ends = [*(right.frame for _, right in pairwise(rows)), frame_count]
    for row, end in zip(rows, ends, strict=True):
        first, last = row.frame, min(end, frame_count) - 1
        if row.outside or first > last:
            continue
        if found and found[-1][1] + 1 == first:
            first = found.pop()[0]
        found.append((first, last))
    return found
