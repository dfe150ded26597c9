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
    at, found = position_of(keyframes, frame)
    said = {"source": context.source, **changed}
    if found:
        return keyframes[at].model_copy(update=said)
    if at == 0:
        return keyframes[0].model_copy(update={"frame": frame, "outside": True, "score": None, **said})
    # Attributes hold from the left and need not be repeated.
    held = keyframes[at - 1].model_copy(update={"frame": frame, "attributes": {}, "score": None, **said})
    return held if at == len(keyframes) else _between(keyframes[at - 1], keyframes[at], held, context)


def _between(left: Keyframe, right: Keyframe, held: Keyframe, context: EditContext) -> Keyframe:
    shape = shape_at([left.model_copy(update={"outside": False}), right], held.frame)
    if shape is None:
        return held
    made = held.model_copy(update={"geometry": shape.geometry, "keypoints": shape.keypoints, "rpy": shape.rpy})
    try:
        return checked(made, left.geometry.kind, context.without_bounds)
    except EditRefused:
        # There may be no valid shape between two others, as for a reversed line: the left one is held.
        return held
