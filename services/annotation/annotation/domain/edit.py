"""Applying edits: each verb takes an object and returns the next one, or refuses.

Everything that is stored passes through here and satisfies `invariants`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from types import MappingProxyType
from typing import Any

from annotation.domain.edit_context import EditContext
from annotation.domain.errors import EditRefused
from annotation.domain.invariants import check_attributes, check_behaviors, check_keyframes, checked
from annotation.domain.verbs import (
    behaviors,
    conversion,
    generated,
    keyframes,
    lifecycle,
    motion,
    presence,
    properties,
    split_merge,
)
from common.contract.edits import (
    Convert,
    Create,
    Delete,
    Edit,
    MakeDefault,
    Move,
    Propagate,
    PutBehavior,
    PutGenerated,
    PutKeyframe,
    Reduce,
    RemoveBehavior,
    RemoveKeyframe,
    Restore,
    Revert,
    Scale,
    SetAttributes,
    SetCategory,
    SetDone,
    SetGroup,
    SetOcclusion,
    SetPresence,
    SetZOrder,
    Shift,
    Split,
)
from common.contract.labels import ObjectState

_VERBS: Mapping[type[Any], Callable[[Any, ObjectState, EditContext], dict[str, Any]]] = {
    SetCategory: properties.set_category,
    SetAttributes: properties.set_attributes,
    SetDone: properties.set_done,
    SetGroup: properties.set_group,
    SetZOrder: properties.set_z_order,
    MakeDefault: properties.make_default,
    PutKeyframe: keyframes.put,
    RemoveKeyframe: keyframes.remove,
    Propagate: keyframes.propagate,
    SetPresence: presence.set_presence,
    SetOcclusion: presence.set_occlusion,
    Move: motion.move,
    Scale: motion.scale,
    Shift: motion.shift,
    PutGenerated: generated.put,
    Reduce: generated.reduce,
    Convert: conversion.convert,
    PutBehavior: behaviors.put,
    RemoveBehavior: behaviors.remove,
    Split: split_merge.split,
    Delete: lifecycle.delete,
}


@dataclass(frozen=True, slots=True)
class RelatedObjects:
    """Further objects that a few verbs read: earlier `states` of the object by revision, and the `others` of a
    merge."""

    states: Mapping[int, ObjectState] = field(default_factory=dict)
    others: Sequence[ObjectState] = ()


NO_RELATED_OBJECTS = RelatedObjects(MappingProxyType({}))


def create(
    edit: Create, context: EditContext, before: ObjectState | None = None, *, require_simple: bool = True
) -> ObjectState:
    """The first state of a new object, or the next state of a deleted label (`before`) that is created again. With
    `require_simple`, outlines must not intersect themselves."""
    ordered = sorted(edit.keyframes, key=attrgetter("frame"))
    kind = ordered[0].geometry.kind
    ordered = [checked(keyframe, kind, context, require_simple=require_simple) for keyframe in ordered]
    check_keyframes(ordered)
    check_attributes(edit.attributes)
    check_behaviors(edit.behaviors, context)
    if edit.score is not None and not 0 <= edit.score <= 1:
        raise EditRefused("object_score_out_of_range")
    return ObjectState(
        id=edit.object,
        project_id=context.project_id,
        media_id=context.media_id,
        mission=edit.mission,
        category=edit.category,
        type=edit.type,
        attributes=edit.attributes,
        annotation_type=kind,
        keyframes=ordered,
        behaviors=edit.behaviors,
        source=edit.source,
        run_id=edit.run_id,
        model=edit.model,
        score=edit.score,
        group=edit.group,
        z_order=edit.z_order,
        done=edit.done,
        revision=before.revision + 1 if before else 1,
        author=context.author,
        created_at=context.now,
    )


def apply(
    edit: Edit, before: ObjectState, context: EditContext, related: RelatedObjects = NO_RELATED_OBJECTS
) -> ObjectState:
    """The object after an edit, at the next revision.

    Raises:
        EditRefused: the edit would break an invariant of the object.
        EditConflict: it reverts a field that was changed since.
    """
    verb = _VERBS.get(type(edit))
    if verb is None:
        return _apply_rare(edit, before, context, related)
    if before.deleted:
        raise EditRefused("object_deleted")
    return _next(before, verb(edit, before, context))


def _apply_rare(edit: Edit, before: ObjectState, context: EditContext, related: RelatedObjects) -> ObjectState:
    """Verbs that read further objects or restore a deleted one."""
    if isinstance(edit, Restore):
        return _next(before, lifecycle.restored(edit, related.states))
    if isinstance(edit, Revert):
        return _next(before, lifecycle.reverted_changes(edit, before, related.states))
    if isinstance(edit, Create):
        return _recreated(edit, before, context)
    if before.deleted:
        raise EditRefused("object_deleted")
    return _next(before, split_merge.merged(before, related.others, context))


def _recreated(edit: Create, before: ObjectState, context: EditContext) -> ObjectState:
    """A label of a medium exists once; creating a deleted one again continues its revisions."""
    if not before.deleted or before.annotation_type != "label":
        raise EditRefused("object_id_taken")
    after = create(edit, context, before)
    if after.annotation_type != "label":
        raise EditRefused("object_id_taken")
    return after


def _next(before: ObjectState, changed: dict[str, Any]) -> ObjectState:
    return before.model_copy(update=changed | {"revision": before.revision + 1})
