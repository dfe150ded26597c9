"""Setting, removing and propagating keyframes."""

from operator import attrgetter
from typing import Any

from annotation.domain.edit_context import EditContext
from annotation.domain.errors import EditRefused
from annotation.domain.invariants import MAX_KEYFRAMES, check_keyframes, check_view, checked
from annotation.domain.keyframe_factory import make_keyframe
from annotation.domain.tracks import attributes_of, is_visible, position_of
from common.contract.edits import Propagate, PutKeyframe, RemoveKeyframe
from common.contract.labels import ObjectState


def put(edit: PutKeyframe, before: ObjectState, context: EditContext) -> dict[str, Any]:
    """Set or replace the keyframe on its frame."""
    keyframe = checked(edit.keyframe, before.annotation_type, context, require_simple=True)
    at, found = position_of(before.keyframes, keyframe.frame)
    if not found and len(before.keyframes) >= MAX_KEYFRAMES:
        raise EditRefused("too_many_keyframes", limit=MAX_KEYFRAMES)
    keyframes = before.keyframes.copy()
    keyframes[at : at + found] = (keyframe,)
    if keyframe.outside:
        check_view(keyframes)
    return {"keyframes": keyframes}


def remove(edit: RemoveKeyframe, before: ObjectState, _: EditContext) -> dict[str, Any]:
    """Remove the keyframe on a frame; one visible keyframe must remain."""
    at, found = position_of(before.keyframes, edit.frame)
    if not found:
        raise EditRefused("keyframe_not_found", frame=edit.frame)
    if len(before.keyframes) == 1:
        raise EditRefused("last_keyframe")
    keyframes = [*before.keyframes[:at], *before.keyframes[at + 1 :]]
    check_view(keyframes)
    return {"keyframes": keyframes}


def propagate(edit: Propagate, before: ObjectState, context: EditContext) -> dict[str, Any]:
    """Copy the shape of a frame to all frames up to another one. The visibility after these frames is unchanged."""
    old = before.keyframes
    if edit.to == edit.frame:
        raise EditRefused("propagation_to_same_frame")
    if not is_visible(old, edit.frame):
        raise EditRefused("not_visible_on_frame", frame=edit.frame)
    first, last = min(edit.frame, edit.to), max(edit.frame, edit.to)
    begin = make_keyframe(old, edit.frame, context)
    attributes = (
        attributes_of(keyframe for keyframe in old if keyframe.frame <= edit.frame) if edit.to < edit.frame else {}
    )
    end = begin.model_copy(update={"frame": edit.to, "attributes": attributes})
    copies = [checked(keyframe, before.annotation_type, context) for keyframe in (begin, end)]
    if last + 1 < context.medium.frame_count and not position_of(old, last + 1)[1] and not is_visible(old, last + 1):
        copies.append(make_keyframe(old, last + 1, context, outside=True))
    unchanged = [keyframe for keyframe in old if not first <= keyframe.frame <= last]
    keyframes = sorted([*unchanged, *copies], key=attrgetter("frame"))
    check_keyframes(keyframes)
    return {"keyframes": keyframes}
