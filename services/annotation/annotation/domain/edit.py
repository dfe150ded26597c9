"""The verbs of an edit: each takes an object and gives the object as it is then, or refuses with a reason.

What is stored has passed through here, so these are an object's invariants: keyframes in order, one a frame, inside
the medium; boxes of a size; numbers that are finite; at least one keyframe in view.
"""

import math
from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from operator import attrgetter
from typing import Any

from common.labels import (
    Box,
    Create,
    Delete,
    Edit,
    Keyframe,
    ObjectState,
    PutKeyframe,
    RemoveKeyframe,
    Restore,
    SetAttributes,
    SetCategory,
    SetDone,
)

MIN_SIDE = 1.0
# Far outside every picture, and far inside what arithmetic on coordinates can hold.
FARTHEST = 1_000_000.0
MAX_KEYFRAMES = 20_000
MAX_ATTRIBUTES = 200
_ROUNDING = 1e-6


class Refusal(Exception):
    """The edit cannot be applied, and why, in words for the person who made it."""


@dataclass(frozen=True, slots=True)
class Scene:
    """Where edits take place, and whose they are. `automatic` edits are a run's and not a person's."""

    project_id: str
    media_id: str
    frame_count: int
    author: str
    automatic: bool = False


def create(edit: Create, scene: Scene) -> ObjectState:
    """The first state of a new object."""
    keyframes = sorted(edit.keyframes, key=attrgetter("frame"))
    for left, right in pairwise(keyframes):
        if left.frame == right.frame:
            raise Refusal(f"Frame {left.frame} has two keyframes.")
    for keyframe in keyframes:
        _check_keyframe(keyframe, scene)
    _check_view(keyframes)
    _check_attributes(edit.attributes)
    if edit.score is not None and not 0 <= edit.score <= 1:
        raise Refusal("A score lies between 0 and 1.")
    return ObjectState(
        id=edit.object,
        project_id=scene.project_id,
        media_id=scene.media_id,
        mission=edit.mission,
        category=edit.category,
        type=edit.type,
        attributes=edit.attributes,
        annotation_type=keyframes[0].geometry.kind,
        keyframes=keyframes,
        source=edit.source,
        run_id=edit.run_id,
        score=edit.score,
        revision=1,
        author=scene.author,
    )


def apply(edit: Edit, before: ObjectState, scene: Scene, earlier: ObjectState | None = None) -> ObjectState:
    """The object after an edit of it, one revision on. `earlier` is what a restore goes back to.

    Raises:
        Refusal: the edit would break an invariant of the object.
    """
    if isinstance(edit, Create):
        raise Refusal("This object exists already.")
    if isinstance(edit, Restore):
        return _next(before, **_restored(edit, earlier))
    if before.deleted:
        raise Refusal("This object is deleted; restore it first.")
    return _next(before, **_VERBS[type(edit)](edit, before, scene))


def _next(before: ObjectState, **changed: Any) -> ObjectState:
    return before.model_copy(update=changed | {"revision": before.revision + 1})


def _put_keyframe(edit: PutKeyframe, before: ObjectState, scene: Scene) -> dict[str, Any]:
    keyframe = edit.keyframe
    _check_keyframe(keyframe, scene)
    if keyframe.geometry.kind != before.annotation_type:
        raise Refusal(f"This object is a {before.annotation_type}; its keyframes cannot be of another kind.")
    at, found = _place(before.keyframes, keyframe.frame)
    if not found and len(before.keyframes) >= MAX_KEYFRAMES:
        raise Refusal(f"An object has at most {MAX_KEYFRAMES} keyframes.")
    keyframes = [*before.keyframes[:at], keyframe, *before.keyframes[at + found :]]
    _check_view(keyframes)
    return {"keyframes": keyframes}


def _remove_keyframe(edit: RemoveKeyframe, before: ObjectState, _: Scene) -> dict[str, Any]:
    at, found = _place(before.keyframes, edit.frame)
    if not found:
        raise Refusal(f"There is no keyframe on frame {edit.frame}.")
    if len(before.keyframes) == 1:
        raise Refusal("The last keyframe cannot be removed; delete the object instead.")
    keyframes = [*before.keyframes[:at], *before.keyframes[at + 1 :]]
    _check_view(keyframes)
    return {"keyframes": keyframes}


def _set_category(edit: SetCategory, before: ObjectState, _: Scene) -> dict[str, Any]:
    return {"mission": edit.mission or before.mission, "category": edit.category, "type": edit.type}


def _set_attributes(edit: SetAttributes, before: ObjectState, _: Scene) -> dict[str, Any]:
    merged = before.attributes | edit.attributes
    attributes = {name: value for name, value in merged.items() if value is not None}
    _check_attributes(attributes)
    return {"attributes": attributes}


def _set_done(edit: SetDone, _: ObjectState, __: Scene) -> dict[str, Any]:
    return {"done": edit.done}


def _delete(_: Delete, __: ObjectState, ___: Scene) -> dict[str, Any]:
    return {"deleted": True}


_VERBS: Mapping[type[Any], Callable[[Any, ObjectState, Scene], dict[str, Any]]] = {
    PutKeyframe: _put_keyframe,
    RemoveKeyframe: _remove_keyframe,
    SetCategory: _set_category,
    SetAttributes: _set_attributes,
    SetDone: _set_done,
    Delete: _delete,
}
# What an object is, and so what a restore brings back; the rest says whose and which it is.
_RESTORED = ("mission", "category", "type", "attributes", "keyframes", "done", "deleted")


def _restored(edit: Restore, earlier: ObjectState | None) -> dict[str, Any]:
    if earlier is None:
        raise Refusal(f"This object has no revision {edit.revision}.")
    return {name: getattr(earlier, name) for name in _RESTORED}


def _place(keyframes: list[Keyframe], frame: int) -> tuple[int, bool]:
    at = bisect_left(keyframes, frame, key=attrgetter("frame"))
    return at, at < len(keyframes) and keyframes[at].frame == frame


def _check_keyframe(keyframe: Keyframe, scene: Scene) -> None:
    if keyframe.frame >= scene.frame_count:
        raise Refusal(f"Frame {keyframe.frame} is outside the medium, which has {scene.frame_count} frames so far.")
    _check_box(keyframe.geometry)
    if keyframe.score is not None and not math.isfinite(keyframe.score):
        raise Refusal("A score lies between 0 and 1.")


def _check_box(box: Box) -> None:
    numbers = (box.x1, box.y1, box.x2, box.y2, box.rotation)
    if not all(-FARTHEST <= number <= FARTHEST for number in numbers):
        raise Refusal(f"Coordinates lie between -{FARTHEST:.0f} and {FARTHEST:.0f}.")
    if min(box.x2 - box.x1, box.y2 - box.y1) < MIN_SIDE - _ROUNDING:
        raise Refusal(f"A box is at least {MIN_SIDE:g} pixel wide and high, with x1 < x2 and y1 < y2.")


def _check_view(keyframes: Iterable[Keyframe]) -> None:
    if all(keyframe.outside for keyframe in keyframes):
        raise Refusal("The object would be visible nowhere; delete it instead.")


def _check_attributes(attributes: Mapping[str, object]) -> None:
    if len(attributes) > MAX_ATTRIBUTES:
        raise Refusal(f"An object has at most {MAX_ATTRIBUTES} attributes.")
    for name, value in attributes.items():
        if not 0 < len(name) <= 200:
            raise Refusal("The name of an attribute has 1 to 200 characters.")
        if isinstance(value, str) and len(value) > 10_000:
            raise Refusal(f"The value of {name} is longer than 10,000 characters.")
        if isinstance(value, float) and not math.isfinite(value):
            raise Refusal(f"The value of {name} is not a finite number.")
