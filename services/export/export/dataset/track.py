"""The keyframes of one object, read from a snapshot."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple, get_args

from common.contract.labels import Keyframe, Source
from common.geometry.masks import bitmap_error
from common.geometry.types import Bitmap, Box, Ellipse, Geometry, Line, Polygon
from export.dataset.capabilities import Feature

SOURCES: tuple[str, ...] = get_args(Source)
_SOURCE_NUMBER = {source: number for number, source in enumerate(SOURCES)}
_NO_ATTRIBUTES: Mapping[str, Any] = {}


# A box: x1, y1, x2, y2, and its clockwise rotation about its centre in degrees. There may be millions, and plain tuples
# are several times as fast as named ones.
Corners = tuple[float, float, float, float, float]


class Row(NamedTuple):
    """The properties of a keyframe besides its shape. `source` is an index into SOURCES, `score` NaN for none."""

    frame: int
    outside: bool
    occluded: bool
    source: int
    score: float
    attributes: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Track:
    """The keyframes of an object in order. Plain boxes are stored as numbers, because there may be millions; all others
    as `Keyframe`."""

    rows: list[Row]
    boxes: list[Corners] | None
    keyframes: list[Keyframe]

    @classmethod
    def read(cls, kind: str, keyframes: Sequence[Mapping[str, Any]]) -> "Track":
        """From keyframes as they were parsed from JSON, in any order.

        Raises:
            ValueError, TypeError, KeyError: they are invalid, or of another kind.
        """
        if not keyframes:
            raise ValueError("an object without keyframes")
        if any(keyframe["geometry"]["kind"] != kind for keyframe in keyframes):
            raise ValueError("keyframes of another kind")
        if any(left["frame"] >= right["frame"] for left, right in pairwise(keyframes)):
            keyframes = sorted({keyframe["frame"]: keyframe for keyframe in keyframes}.values(), key=_frame_of)
        rows = [_row(keyframe) for keyframe in keyframes]
        if kind == "bbox" and not any(keyframe.get("keypoints") or keyframe.get("rpy") for keyframe in keyframes):
            return cls(rows, [_corners(keyframe["geometry"]) for keyframe in keyframes], [])
        return cls(rows, None, [_sound(Keyframe.model_validate(keyframe)) for keyframe in keyframes])

    def features(self) -> set[Feature]:
        """The features that it has."""
        has = {
            Feature.OCCLUSION: any(row.occluded for row in self.rows),
            Feature.CHANGING: any(row.attributes for row in self.rows),
            Feature.SCORES: not all(math.isnan(row.score) for row in self.rows),
            Feature.ROTATION: any(box[4] for box in self.boxes or ()),
            Feature.KEYPOINTS: any(keyframe.keypoints for keyframe in self.keyframes),
            Feature.ANGLES: any(keyframe.rpy for keyframe in self.keyframes),
        }
        found = {feature for feature, there in has.items() if there}
        return found.union(*(_features_of(keyframe.geometry) for keyframe in self.keyframes))


def flat(shape: Geometry) -> Corners | Geometry:
    """The shape; a box as `Corners`."""
    return (shape.x1, shape.y1, shape.x2, shape.y2, shape.rotation) if isinstance(shape, Box) else shape


def _frame_of(keyframe: Mapping[str, Any]) -> int:
    return int(keyframe["frame"])


def _row(keyframe: Mapping[str, Any]) -> Row:
    score = keyframe.get("score")
    return Row(
        int(keyframe["frame"]),
        bool(keyframe.get("outside")),
        bool(keyframe.get("occluded")),
        _SOURCE_NUMBER[keyframe.get("source", "manual")],
        math.nan if score is None else float(score),
        keyframe.get("attributes") or _NO_ATTRIBUTES,
    )


def _corners(box: Mapping[str, Any]) -> Corners:
    return float(box["x1"]), float(box["y1"]), float(box["x2"]), float(box["y2"]), float(box.get("rotation", 0.0))


def _sound(keyframe: Keyframe) -> Keyframe:
    """The keyframe, unless its bitmap is invalid."""
    if isinstance(keyframe.geometry, Bitmap) and (wrong := bitmap_error(keyframe.geometry)) is not None:
        raise wrong
    return keyframe


def _features_of(geometry: Any) -> set[Feature]:
    match geometry:
        case Box() | Ellipse() if geometry.rotation:
            return {Feature.ROTATION}
        case Line() if geometry.dashed:
            return {Feature.DASHES}
        case Polygon():
            holes = {Feature.HOLES} if any(part.holes for part in geometry.parts) else set()
            return holes | ({Feature.PARTS} if len(geometry.parts) > 1 else set())
    return set()
