"""What an object does."""

from typing import Any

from annotation.domain.edit_context import Scene
from annotation.domain.errors import Refusal
from annotation.domain.invariants import MAX_BEHAVIORS, check_behavior
from common.contract.edits import PutBehavior, RemoveBehavior
from common.contract.labels import ObjectState


def put(edit: PutBehavior, before: ObjectState, scene: Scene) -> dict[str, Any]:
    """Add a behaviour, or replace the one with its id where it is."""
    check_behavior(edit.behavior, scene)
    behaviors = {behavior.id: behavior for behavior in before.behaviors} | {edit.behavior.id: edit.behavior}
    if len(behaviors) > MAX_BEHAVIORS:
        raise Refusal(f"An object has at most {MAX_BEHAVIORS:,} behaviours.")
    return {"behaviors": list(behaviors.values())}


def remove(edit: RemoveBehavior, before: ObjectState, _: Scene) -> dict[str, Any]:
    """Remove a behaviour."""
    behaviors = [behavior for behavior in before.behaviors if behavior.id != edit.behavior]
    if len(behaviors) == len(before.behaviors):
        raise Refusal("The object has no such behaviour.")
    return {"behaviors": behaviors}
