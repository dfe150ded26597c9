"""Generated keyframes, and reduction of keyframes."""

from collections.abc import Sequence
from operator import attrgetter
from typing import Any

from annotation.domain.edit_context import EditContext
from annotation.domain.errors import EditRefused
from annotation.domain.invariants import check_keyframes, checked
from annotation.domain.tracks import left_of, position_of
from annotation.domain.verbs.frame_range import check_frame_range, frame_range_of
from common.contract.edits import PutGenerated, Reduce
from common.contract.labels import Keyframe, ObjectState
from common.geometry.simplify import reduce_keyframes

GENERATED = frozenset({"quick", "model", "interpolated"})


def put(edit: PutGenerated, before: ObjectState, context: EditContext) -> dict[str, Any]:
    """Replace the generated keyframes of a range. Manual and imported keyframes and the gaps they define are kept."""
    check_frame_range(edit.first, edit.last, context)
    for keyframe in edit.keyframes:
        _check_generated(keyframe, edit)
    fixed = [keyframe for keyframe in before.keyframes if keyframe.source not in GENERATED]
    fixed_frames = {keyframe.frame for keyframe in fixed}
    generated = [
        checked(keyframe, before.annotation_type, context, require_simple=True)
        for keyframe in edit.keyframes
        if keyframe.frame not in fixed_frames and not _is_in_gap(fixed, keyframe.frame)
    ]
    unchanged = [
        keyframe
        for keyframe in before.keyframes
        if keyframe.source not in GENERATED or not edit.first <= keyframe.frame <= edit.last
    ]
    keyframes = sorted([*unchanged, *generated], key=attrgetter("frame"))
    if not keyframes:
        raise EditRefused("no_visible_keyframe")
    check_keyframes(keyframes)
    return {"keyframes": keyframes}


def reduce(edit: Reduce, before: ObjectState, context: EditContext) -> dict[str, Any]:
    """Remove keyframes of a range as long as every shape stays within the tolerance. Keyframes that change other
    properties, such as visibility, are kept."""
    first, last = frame_range_of(edit, context)
    begin, end = position_of(before.keyframes, first)[0], position_of(before.keyframes, last + 1)[0]
    if begin == end:
        raise EditRefused("no_keyframe_in_range", first=first, last=last)
    inside = reduce_keyframes(before.keyframes[begin:end], edit.tolerance)
    return {"keyframes": [*before.keyframes[:begin], *inside, *before.keyframes[end:]]}


def _check_generated(keyframe: Keyframe, edit: PutGenerated) -> None:
    if not edit.first <= keyframe.frame <= edit.last:
        raise EditRefused("frame_outside_range", frame=keyframe.frame, first=edit.first, last=edit.last)
    if keyframe.source not in GENERATED:
        raise EditRefused("keyframe_not_generated")


def _is_in_gap(fixed: Sequence[Keyframe], frame: int) -> bool:
    """Whether the object is outside on a frame by a manual or imported keyframe."""
    left = left_of(fixed, frame)
    return left is not None and left.outside
