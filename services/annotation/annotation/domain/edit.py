"""Applying edits: each verb returns the next state of an object, or refuses.

All stored objects are created here and satisfy `invariants`.
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
from common.contract import edits
from common.contract.labels import ObjectState

_VERBS: Mapping[type[Any], Callable[[Any, ObjectState, EditContext], dict[str, Any]]] = {
    edits.SetCategory: properties.set_category,
    edits.SetAttributes: properties.set_attributes,
    edits.SetDone: properties.set_done,
    edits.SetGroup: properties.set_group,
    edits.SetZOrder: properties.set_z_order,
    edits.MakeDefault: properties.make_default,
    edits.PutKeyframe: keyframes.put,
    edits.RemoveKeyframe: keyframes.remove,
    edits.Propagate: keyframes.propagate,
    edits.SetPresence: presence.set_presence,
    edits.SetOcclusion: presence.set_occlusion,
    edits.Move: motion.move,
    edits.Scale: motion.scale,
    edits.Shift: motion.shift,
    edits.PutGenerated: generated.put,
    edits.Reduce: generated.reduce,
    edits.Convert: conversion.convert,
    edits.PutBehavior: behaviors.put,
    edits.RemoveBehavior: behaviors.remove,
    edits.Split: split_merge.split,
    edits.Delete: lifecycle.delete,
}


@dataclass(frozen=True, slots=True)
class RelatedObjects:
    """Additional input of a few verbs: earlier `states` of the object by revision, and the `others` of a merge."""

    states: Mapping[int, ObjectState] = field(default_factory=dict)
    others: Sequence[ObjectState] = ()


NO_RELATED_OBJECTS = RelatedObjects(MappingProxyType({}))


def create(
    edit: edits.Create, context: EditContext, before: ObjectState | None = None, *, require_simple: bool = True
) -> ObjectState:
    """The first state of a new object, or the next state of a deleted label (`before`) that is created again. With
    `require_simple`, polygons must not intersect themselves."""
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
    edit: edits.Edit, before: ObjectState, context: EditContext, related: RelatedObjects = NO_RELATED_OBJECTS
) -> ObjectState:
    """The object after an edit, at the next revision.

    Raises:
        EditRefused: The edit would break an invariant of the object.
        EditConflict: The edit reverts a field that was changed since.
    """
    verb = _VERBS.get(type(edit))
    if verb is None:
        return _apply_rare(edit, before, context, related)
    if before.deleted:
        raise EditRefused("object_deleted")
    return _next(before, verb(edit, before, context))


def _apply_rare(edit: edits.Edit, before: ObjectState, context: EditContext, related: RelatedObjects) -> ObjectState:
    """Verbs that need additional input, or restore a deleted object."""
    if isinstance(edit, edits.Restore):
        return _next(before, lifecycle.restored(edit, related.states))
    if isinstance(edit, edits.Revert):
        return _next(before, lifecycle.reverted_changes(edit, before, related.states))
    if isinstance(edit, edits.Create):
        return _recreated(edit, before, context)
    if before.deleted:
        raise EditRefused("object_deleted")
    return _next(before, split_merge.merged(before, related.others, context))


def _recreated(edit: edits.Create, before: ObjectState, context: EditContext) -> ObjectState:
    """A label exists once per medium. Creating a deleted one again continues its revisions."""
    if not before.deleted or before.annotation_type != "label":
        raise EditRefused("object_id_taken")
    after = create(edit, context, before)
    if after.annotation_type != "label":
        raise EditRefused("object_id_taken")
    return after


def _next(before: ObjectState, changed: dict[str, Any]) -> ObjectState:
    return before.model_copy(update=changed | {"revision": before.revision + 1})
