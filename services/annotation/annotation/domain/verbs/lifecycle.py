"""Whole objects: deleted, brought back, and taken back."""

from collections.abc import Mapping
from typing import Any

from annotation.domain import revert
from annotation.domain.edit_context import Scene
from annotation.domain.errors import Clash, Refusal
from annotation.domain.invariants import check_keyframes
from common.contract.edits import Delete, Restore, Revert
from common.contract.labels import ObjectState

# What an object is, and so what a restore brings back; the rest says whose and which it is, and who made it.
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


def delete(_: Delete, __: ObjectState, ___: Scene) -> dict[str, Any]:
    """Delete; all that it was stays."""
    return {"deleted": True}


def restored(edit: Restore, states: Mapping[int, ObjectState]) -> dict[str, Any]:
    """What the object was at a revision."""
    earlier = states.get(edit.revision)
    if earlier is None:
        raise Refusal(f"This object has no revision {edit.revision}.")
    return {name: getattr(earlier, name) for name in _RESTORED}


def taken_back(edit: Revert, before: ObjectState, states: Mapping[int, ObjectState]) -> dict[str, Any]:
    """The object without what the change to a revision did."""
    made, earlier = states.get(edit.revision), states.get(edit.revision - 1)
    if made is None or (earlier is None and edit.revision > 1):
        raise Refusal(f"This object has no revision {edit.revision}.")
    if before.deleted and not (made.deleted and earlier and not earlier.deleted):
        raise Refusal("This object is deleted; restore it first.")
    changed = revert.reverted(before, made, earlier)
    after = before.model_copy(update=changed)
    if any(keyframe.geometry.kind != after.annotation_type for keyframe in after.keyframes):
        raise Clash("the object")
    if all(keyframe.outside for keyframe in after.keyframes):
        raise Clash("where it is visible")
    check_keyframes(after.keyframes)
    return changed
