"""Keyframes that were computed, and keyframes that need not be there."""

from collections.abc import Sequence
from operator import attrgetter
from typing import Any

from annotation.domain.edit_context import Scene
from annotation.domain.errors import Refusal
from annotation.domain.invariants import check_keyframes, checked
from annotation.domain.tracks import left_of, place
from annotation.domain.verbs.frame_range import check_stretch, stretch_of
from common.contract.edits import PutGenerated, Reduce
from common.contract.labels import Keyframe, ObjectState
from common.geometry.simplify import reduced

GENERATED = frozenset({"quick", "model", "interpolated"})


def put(edit: PutGenerated, before: ObjectState, scene: Scene) -> dict[str, Any]:
    """Replace the generated keyframes of a stretch. A solid one stays, and where one says that the object is out of
    view, it is so up to the next."""
    check_stretch(edit.first, edit.last, scene)
    for keyframe in edit.keyframes:
        _check_generated(keyframe, edit)
    solid = [keyframe for keyframe in before.keyframes if keyframe.source not in GENERATED]
    taken = {keyframe.frame for keyframe in solid}
    made = [
        checked(keyframe, before.annotation_type, scene, drawn=True)
        for keyframe in edit.keyframes
        if keyframe.frame not in taken and not _is_in_gap(solid, keyframe.frame)
    ]
    kept = [
        keyframe
        for keyframe in before.keyframes
        if keyframe.source not in GENERATED or not edit.first <= keyframe.frame <= edit.last
    ]
    keyframes = sorted([*kept, *made], key=attrgetter("frame"))
    if not keyframes:
        raise Refusal("The object would be visible nowhere; delete it instead.")
    check_keyframes(keyframes)
    return {"keyframes": keyframes}


def reduce(edit: Reduce, before: ObjectState, scene: Scene) -> dict[str, Any]:
    """Leave out the keyframes of a stretch without which every shape is still about where it was; those where the
    object leaves, returns or changes otherwise stay."""
    first, last = stretch_of(edit, scene)
    begin, end = place(before.keyframes, first)[0], place(before.keyframes, last + 1)[0]
    if begin == end:
        raise Refusal(f"The object has no keyframe on frames {first} to {last}.")
    inside = reduced(before.keyframes[begin:end], edit.tolerance)
    return {"keyframes": [*before.keyframes[:begin], *inside, *before.keyframes[end:]]}


def _check_generated(keyframe: Keyframe, edit: PutGenerated) -> None:
    if not edit.first <= keyframe.frame <= edit.last:
        raise Refusal(f"Frame {keyframe.frame} is not one of frames {edit.first} to {edit.last}.")
    if keyframe.source not in GENERATED:
        raise Refusal("Generated keyframes come from quick label, a model or interpolation.")


def _is_in_gap(solid: Sequence[Keyframe], frame: int) -> bool:
    """Whether somebody said that the object is out of view on a frame."""
    left = left_of(solid, frame)
    return left is not None and left.outside
