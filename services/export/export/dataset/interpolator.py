"""Shapes other than plain boxes, interpolated frame by frame; their keyframes are unpacked on demand."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from common.contract.labels import Keyframe
from common.geometry.shapes import interpolate_shapes
from common.geometry.types import Angles, Geometry, Keypoint
from export.dataset.track import Corners, flat


class InterpolatedShape(NamedTuple):
    """The visible shape of an object on a frame."""

    geometry: Corners | Geometry
    keypoints: Sequence[Keypoint]
    rpy: Angles | None


class ShapeInterpolator:
    """The shapes of one object on frames first…last; `packed` are its keyframes as JSON, `frames` their frames."""

    def __init__(self, packed: Sequence[bytes], frames: NDArray[np.int64], first: int, last: int) -> None:
        begin = max(int(np.searchsorted(frames, first, side="right")) - 1, 0)
        end = int(np.searchsorted(frames, last, side="right")) + 1
        keyframes = [Keyframe.model_validate_json(content) for content in packed[begin:end]]
        self._shapes = interpolate_shapes(keyframes, first, last)

    def at(self, frame: int) -> InterpolatedShape | None:
        """The shape on a frame; frames are requested in ascending order. None where it cannot be computed."""
        try:
            # Coordinates near the limit of floats overflow.
            with np.errstate(all="ignore"):
                shape = next((shape for shape in self._shapes if shape.frame >= frame), None)
        except ValueError:
            return None
        if shape is None or shape.frame > frame:
            return None
        return InterpolatedShape(flat(shape.geometry), shape.keypoints, shape.rpy)
