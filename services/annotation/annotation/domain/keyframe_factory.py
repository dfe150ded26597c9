"""Creates keyframes on frames where a track has none."""

from collections.abc import Sequence
from typing import Any

from annotation.domain.edit_context import EditContext
from annotation.domain.errors import EditRefused
from annotation.domain.invariants import checked
from annotation.domain.tracks import position_of
from common.contract.labels import Keyframe
from common.geometry.shapes import shape_at


def make_keyframe(keyframes: Sequence[Keyframe], frame: int, context: EditContext, **changed: Any) -> Keyframe:
    """The keyframe on `frame`, or a new one with the interpolated shape; before the first keyframe, with the first
    shape. `changed` are fields to set."""
    at, exists = position_of(keyframes, frame)
    fields = {"source": context.source, **changed}
    if exists:
        return keyframes[at].model_copy(update=fields)
    if at == 0:
        return keyframes[0].model_copy(update={"frame": frame, "outside": True, "score": None, **fields})
    # Attributes apply until they are set again, and need not be repeated.
    copy = keyframes[at - 1].model_copy(update={"frame": frame, "attributes": {}, "score": None, **fields})
    return copy if at == len(keyframes) else _interpolated(keyframes[at - 1], keyframes[at], copy, context)


def _interpolated(left: Keyframe, right: Keyframe, copy: Keyframe, context: EditContext) -> Keyframe:
    """`copy`, a copy of the left keyframe, with the interpolated shape."""
    shape = shape_at([left.model_copy(update={"outside": False}), right], copy.frame)
    if shape is None:
        return copy
    interpolated = copy.model_copy(update={"geometry": shape.geometry, "keypoints": shape.keypoints, "rpy": shape.rpy})
    try:
        return checked(interpolated, left.geometry.kind, context.without_bounds)
    except EditRefused:
        # The interpolated shape may be invalid, for example between a line and its reverse: the left shape is kept.
        return copy
