"""Behaviors of an object."""

from typing import Any

from annotation.domain.edit_context import EditContext
from annotation.domain.errors import EditRefused
from annotation.domain.invariants import MAX_BEHAVIORS, check_behavior
from common.contract.edits import PutBehavior, RemoveBehavior
from common.contract.labels import ObjectState


def put(edit: PutBehavior, before: ObjectState, context: EditContext) -> dict[str, Any]:
    """Add a behavior, or replace the one with its id."""
    check_behavior(edit.behavior, context)
    behaviors = {behavior.id: behavior for behavior in before.behaviors} | {edit.behavior.id: edit.behavior}
    if len(behaviors) > MAX_BEHAVIORS:
        raise EditRefused("too_many_behaviors", limit=MAX_BEHAVIORS)
    return {"behaviors": list(behaviors.values())}


def remove(edit: RemoveBehavior, before: ObjectState, _: EditContext) -> dict[str, Any]:
    """Remove a behavior."""
    behaviors = [behavior for behavior in before.behaviors if behavior.id != edit.behavior]
    if len(behaviors) == len(before.behaviors):
        raise EditRefused("behavior_not_found")
    return {"behaviors": behaviors}
