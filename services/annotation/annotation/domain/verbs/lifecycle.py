"""Deleting, restoring and reverting objects."""

from collections.abc import Mapping
from typing import Any

from annotation.domain import revert
from annotation.domain.edit_context import EditContext
from annotation.domain.errors import EditConflict, EditRefused
from annotation.domain.invariants import check_keyframes
from common.contract.edits import Delete, Restore, Revert
from common.contract.labels import ObjectState

# The fields that are restored; the others identify the object and its author.
_RESTORED = (
    "mission",
    "category",
    "type",
    "attributes",
    "annotation_type",
    "keyframes",
    "behaviors",
    "group",
    "z_order",
    "done",
    "preferred_at",
    "deleted",
)


def delete(_: Delete, __: ObjectState, ___: EditContext) -> dict[str, Any]:
    """Mark the object as deleted. Its state is kept."""
    return {"deleted": True}


def restored(edit: Restore, states: Mapping[int, ObjectState]) -> dict[str, Any]:
    """The state that the object had at a revision."""
    earlier = states.get(edit.revision)
    if earlier is None:
        raise EditRefused("revision_not_found", revision=edit.revision)
    return {name: getattr(earlier, name) for name in _RESTORED}


def reverted_changes(edit: Revert, before: ObjectState, states: Mapping[int, ObjectState]) -> dict[str, Any]:
    """The object without the change that led to a revision."""
    made, earlier = states.get(edit.revision), states.get(edit.revision - 1)
    if made is None or (earlier is None and edit.revision > 1):
        raise EditRefused("revision_not_found", revision=edit.revision)
    if before.deleted and not (made.deleted and earlier and not earlier.deleted):
        raise EditRefused("object_deleted")
    changed = revert.reverted(before, made, earlier)
    after = before.model_copy(update=changed)
    if any(keyframe.geometry.kind != after.annotation_type for keyframe in after.keyframes):
        raise EditConflict("object_changed")
    if all(keyframe.outside for keyframe in after.keyframes):
        raise EditConflict("visibility_changed")
    check_keyframes(after.keyframes)
    return changed
