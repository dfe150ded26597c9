"""The shapes of objects on frames, and the labels of whole media."""

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
    """The visible shape of an object on one frame.

    `object_index` is the index of the object in its medium, the same on every frame. `is_key` marks a keyframe; other
    shapes are interpolated, with the properties of the keyframe before. `attributes` are those of the object and of the
    frame, by name. A box is `Corners`, also with keypoints or angles.
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
    """A label of a whole medium, or of the `spans` of its frames (first and last) on which it holds."""

    object: LabelObject
    keyframes: list[Keyframe]
    spans: list[Span]
    is_default: bool

    def holds(self, frame: int) -> bool:
        """Whether the label holds on a frame."""
        return any(first <= frame <= last for first, last in self.spans)


class Frame(NamedTuple):
    """A frame of a medium: the shapes on it, the farthest first, and the labels that hold on it."""

    number: int
    shapes: list[Shape]
    medium_labels: list[MediumLabel]


def holding(rows: Sequence[Row], frame_count: int) -> list[Span]:
    """The spans of frames on which a label with these keyframes holds: from a keyframe that is not outside until one
    that is, or the end."""
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
