"""Keyframes that an edit makes where a track has none."""

from collections.abc import Sequence
from typing import Any

from annotation.domain.edit_context import Scene
from annotation.domain.errors import Refusal
from annotation.domain.invariants import checked
from annotation.domain.tracks import place
from common.contract.labels import Keyframe
from common.geometry.shapes import shape_at


def made_keyframe(keyframes: Sequence[Keyframe], frame: int, scene: Scene, **changed: Any) -> Keyframe:
    """The keyframe on `frame`; where there is none, one with the shape that the track has there, or would have were
    it in view: the first shape before its first keyframe. `changed` are fields of it that are otherwise."""
    at, found = place(keyframes, frame)
    said = {"source": scene.hand, **changed}
    if found:
        return keyframes[at].model_copy(update=said)
    if at == 0:
        return keyframes[0].model_copy(update={"frame": frame, "outside": True, "score": None, **said})
    # What holds from the left need not be said again.
    held = keyframes[at - 1].model_copy(update={"frame": frame, "attributes": {}, "score": None, **said})
    return held if at == len(keyframes) else _between(keyframes[at - 1], keyframes[at], held, scene)


def _between(left: Keyframe, right: Keyframe, held: Keyframe, scene: Scene) -> Keyframe:
    shape = shape_at([left.model_copy(update={"outside": False}), right], held.frame)
    if shape is None:
        return held
    made = held.model_copy(update={"geometry": shape.geometry, "keypoints": shape.keypoints, "rpy": shape.rpy})
    try:
        return checked(made, left.geometry.kind, scene.lenient)
    except Refusal:
        # Halfway between two shapes there may be none, such as a line that is turned round: the left one is held.
        return held
