"""Splitting and merging objects."""

from collections.abc import Sequence
from operator import attrgetter
from typing import Any

from annotation.domain.edit_context import EditContext
from annotation.domain.errors import EditRefused
from annotation.domain.invariants import check_behaviors, check_keyframes
from annotation.domain.keyframe_factory import make_keyframe
from annotation.domain.tracks import attributes_of, is_visible, position_of
from common.contract.edits import Create, Split
from common.contract.labels import Behavior, Keyframe, ObjectState
from common.service.ids import stable_id


def split(edit: Split, before: ObjectState, context: EditContext) -> dict[str, Any]:
    """The object before a frame."""
    keyframes, _ = _parted(edit, before, context)
    kept = [behavior for behavior in before.behaviors if behavior.first < edit.frame]
    behaviors = [behavior.model_copy(update={"last": min(behavior.last, edit.frame - 1)}) for behavior in kept]
    return {"keyframes": keyframes, "behaviors": behaviors}


def second_part(edit: Split, before: ObjectState, context: EditContext, edit_id: str) -> Create:
    """The edit that creates the object from a frame on."""
    _, keyframes = _parted(edit, before, context)
    kept = [behavior for behavior in before.behaviors if behavior.last >= edit.frame]
    return Create.model_construct(
        id=edit_id,
        operation=edit.operation or edit.id,
        object=edit.into,
        base_revision=0,
        mission=before.mission,
        category=before.category,
        type=before.type,
        attributes=before.attributes,
        keyframes=keyframes,
        behaviors=[behavior.model_copy(update={"first": max(behavior.first, edit.frame)}) for behavior in kept],
        group=before.group,
        z_order=before.z_order,
        done=before.done,
        source=before.source,
        run_id=before.run_id,
        model=before.model,
        score=before.score,
    )


def _parted(edit: Split, before: ObjectState, context: EditContext) -> tuple[list[Keyframe], list[Keyframe]]:
    """The keyframes of both parts. Where the object is visible at the cut, both get a keyframe there."""
    old = before.keyframes
    if before.annotation_type == "label":
        raise EditRefused("label_cannot_be_split")
    if edit.frame >= context.medium.frame_count:
        count = context.medium.frame_count
        raise EditRefused("frame_outside_medium", frame=edit.frame, frame_count=count)
    at, found = position_of(old, edit.frame)
    first, second = old[:at], old[at:]
    if is_visible(first, edit.frame):
        first = [*first, make_keyframe(old, edit.frame, context, outside=True, attributes={})]
    if is_visible(old, edit.frame) and not found:
        second = [make_keyframe(old, edit.frame, context), *second]
    if not _is_visible_anywhere(first) or not _is_visible_anywhere(second):
        raise EditRefused("split_leaves_empty_part", frame=edit.frame)
    attributes = {**attributes_of(old[:at]), **second[0].attributes}
    return first, [second[0].model_copy(update={"attributes": attributes}), *second[1:]]


def _is_visible_anywhere(keyframes: Sequence[Keyframe]) -> bool:
    return any(not keyframe.outside for keyframe in keyframes)


def merged(before: ObjectState, others: Sequence[ObjectState], context: EditContext) -> dict[str, Any]:
    """The object with the keyframes and behaviors of others; on each frame, the first object with a keyframe wins."""
    keyframes = {keyframe.frame: keyframe for keyframe in before.keyframes}
    behaviors = {behavior.id: behavior for behavior in before.behaviors}
    for other in others:
        if other.annotation_type != before.annotation_type:
            raise EditRefused(
                "merge_types_differ", annotation_type=before.annotation_type, other_type=other.annotation_type
            )
        keyframes = {keyframe.frame: keyframe for keyframe in other.keyframes} | keyframes
        for behavior in other.behaviors:
            renamed = _renamed(behavior, other, behaviors)
            behaviors[renamed.id] = renamed
    ordered = sorted(keyframes.values(), key=attrgetter("frame"))
    check_keyframes(ordered)
    check_behaviors(list(behaviors.values()), context)
    return {"keyframes": ordered, "behaviors": list(behaviors.values())}


def _renamed(behavior: Behavior, owner: ObjectState, used: dict[str, Behavior]) -> Behavior:
    """The behavior with an id that is not in use."""
    if behavior.id not in used:
        return behavior
    return behavior.model_copy(update={"id": stable_id("behavior", owner.id, behavior.id)})
