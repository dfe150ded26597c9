"""Keyframes that a person sets, removes, or holds."""

from operator import attrgetter
from typing import Any

from annotation.domain.edit_context import Scene
from annotation.domain.errors import Refusal
from annotation.domain.invariants import MAX_KEYFRAMES, check_keyframes, check_view, checked
from annotation.domain.keyframe_factory import made_keyframe
from annotation.domain.tracks import attributes_of, is_visible, place
from common.contract.edits import Propagate, PutKeyframe, RemoveKeyframe
from common.contract.labels import ObjectState


def put(edit: PutKeyframe, before: ObjectState, scene: Scene) -> dict[str, Any]:
    """Set or replace the keyframe on its frame."""
    keyframe = checked(edit.keyframe, before.annotation_type, scene, drawn=True)
    at, found = place(before.keyframes, keyframe.frame)
    if not found and len(before.keyframes) >= MAX_KEYFRAMES:
        raise Refusal(f"An object has at most {MAX_KEYFRAMES:,} keyframes.")
    keyframes = before.keyframes.copy()
    keyframes[at : at + found] = (keyframe,)
    if keyframe.outside:
        check_view(keyframes)
    return {"keyframes": keyframes}


def remove(edit: RemoveKeyframe, before: ObjectState, _: Scene) -> dict[str, Any]:
    """Remove the keyframe on a frame; one in view stays."""
    at, found = place(before.keyframes, edit.frame)
    if not found:
        raise Refusal(f"There is no keyframe on frame {edit.frame}.")
    if len(before.keyframes) == 1:
        raise Refusal("The last keyframe cannot be removed; delete the object instead.")
    keyframes = [*before.keyframes[:at], *before.keyframes[at + 1 :]]
    check_view(keyframes)
    return {"keyframes": keyframes}


def propagate(edit: Propagate, before: ObjectState, scene: Scene) -> dict[str, Any]:
    """Hold the shape of a frame up to another one; where the object was absent after these frames, it still is."""
    old = before.keyframes
    if edit.to == edit.frame:
        raise Refusal("Hold the shape up to another frame than its own.")
    if not is_visible(old, edit.frame):
        raise Refusal(f"The object is not in view on frame {edit.frame}.")
    first, last = min(edit.frame, edit.to), max(edit.frame, edit.to)
    held = made_keyframe(old, edit.frame, scene)
    until = attributes_of(keyframe for keyframe in old if keyframe.frame <= edit.frame) if edit.to < edit.frame else {}
    end = held.model_copy(update={"frame": edit.to, "attributes": until})
    made = [checked(keyframe, before.annotation_type, scene) for keyframe in (held, end)]
    if last + 1 < scene.medium.frame_count and not place(old, last + 1)[1] and not is_visible(old, last + 1):
        made.append(made_keyframe(old, last + 1, scene, outside=True))
    kept = [keyframe for keyframe in old if not first <= keyframe.frame <= last]
    keyframes = sorted([*kept, *made], key=attrgetter("frame"))
    check_keyframes(keyframes)
    return {"keyframes": keyframes}
