"""Presence and occlusion of an object.

Keyframes define both. On frames outside the range of an edit, every shape stays unchanged.
"""

from typing import Any

from annotation.domain.edit_context import EditContext
from annotation.domain.errors import EditRefused
from annotation.domain.invariants import check_keyframes
from annotation.domain.keyframe_factory import make_keyframe
from annotation.domain.tracks import attributes_of, is_visible, left_of, position_of
from annotation.domain.verbs.frame_range import frame_range_of
from common.contract.edits import SetOcclusion, SetPresence
from common.contract.labels import Keyframe, ObjectState


def set_presence(edit: SetPresence, before: ObjectState, context: EditContext) -> dict[str, Any]:
    """Show or hide the object on frames first…last. An object that is not visible on any frame is deleted."""
    first, last = frame_range_of(edit, context)
    change = _present if edit.present else _absent
    keyframes = change(before.keyframes, first, last, context)
    if all(keyframe.outside for keyframe in keyframes):
        return {"deleted": True}
    check_keyframes(keyframes)
    return {"keyframes": keyframes}


def _present(old: list[Keyframe], first: int, last: int, context: EditContext) -> list[Keyframe]:
    """Make every keyframe in the range visible, and add the ones needed at its borders."""
    before, inside, after = _parted(old, first, last)
    shown = {"outside": False, "source": context.source}
    inside = [keyframe.model_copy(update=shown) if keyframe.outside else keyframe for keyframe in inside]
    if not is_visible(old, first) and not position_of(old, first)[1]:
        inside = [make_keyframe(old, first, context, **shown), *inside]
    if _needs_border(old, last + 1, context) and not is_visible(old, last + 1):
        inside.append(make_keyframe(old, last + 1, context, outside=True))
    return [*before, *inside, *after]


def _absent(old: list[Keyframe], first: int, last: int, context: EditContext) -> list[Keyframe]:
    """Hide the object from the first frame on, and show it after the last at its interpolated position. Keyframes in
    the range are removed; their attributes stay in effect."""
    before, inside, after = _parted(old, first, last)
    leaving: list[Keyframe] = []
    if is_visible(old, first):
        leaving = [make_keyframe(old, first, context, outside=True)]
    elif inside and inside[0].frame == first:
        leaving = inside[:1]
    if _needs_border(old, last + 1, context) and is_visible(old, last + 1):
        after = [make_keyframe(old, last + 1, context), *after]
    attributes = attributes_of(keyframe for keyframe in inside if keyframe.frame > first or not leaving)
    if attributes and after:
        after[0] = after[0].model_copy(update={"attributes": {**attributes, **after[0].attributes}})
    return [*before, *leaving, *after]


def set_occlusion(edit: SetOcclusion, before: ObjectState, context: EditContext) -> dict[str, Any]:
    """Set whether the object is occluded on frames first…last."""
    if before.annotation_type == "label":
        raise EditRefused("label_cannot_be_occluded")
    first, last = frame_range_of(edit, context)
    old = before.keyframes
    before_range, inside, after = _parted(old, first, last)
    if not is_visible(old, first) and all(keyframe.outside for keyframe in inside):
        raise EditRefused("not_visible_in_range")
    fields = {"occluded": edit.occluded, "source": context.source}
    inside = [
        keyframe if keyframe.occluded == edit.occluded else keyframe.model_copy(update=fields) for keyframe in inside
    ]
    if is_visible(old, first) and not position_of(old, first)[1] and _occluded(old, first) != edit.occluded:
        inside = [make_keyframe(old, first, context, **fields), *inside]
    needs_end = _needs_border(old, last + 1, context) and is_visible(old, last + 1)
    if needs_end and _occluded(old, last + 1) != edit.occluded:
        inside.append(make_keyframe(old, last + 1, context))
    keyframes = [*before_range, *inside, *after]
    check_keyframes(keyframes)
    return {"keyframes": keyframes}


def _parted(old: list[Keyframe], first: int, last: int) -> tuple[list[Keyframe], list[Keyframe], list[Keyframe]]:
    """The keyframes before frame `first`, those up to `last`, and those after it."""
    begin, end = position_of(old, first)[0], position_of(old, last + 1)[0]
    return old[:begin], old[begin:end], old[end:]


def _needs_border(old: list[Keyframe], frame: int, context: EditContext) -> bool:
    """Whether a keyframe is needed to preserve the state on `frame`."""
    return frame < context.medium.frame_count and not position_of(old, frame)[1]


def _occluded(old: list[Keyframe], frame: int) -> bool:
    left = left_of(old, frame)
    return left is not None and left.occluded
