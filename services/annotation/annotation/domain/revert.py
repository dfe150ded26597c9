"""Reverting one change of an object while keeping later ones: a three-way merge, field by field.

A field set by the change gets its earlier value back if it still has the value set by the change; a later value is
never overwritten.
"""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from annotation.domain.errors import EditConflict
from annotation.domain.rebase import WHOLE_OBJECT, attribute_field, behavior_field, describe_field, keyframe_field
from common.contract.labels import Behavior, Keyframe, ObjectState

K = TypeVar("K", int, str)
V = TypeVar("V")

# Fields reverted together, by their name in `touches`.
_UNITS: Mapping[str, tuple[str, ...]] = {
    "category": ("mission", "category", "type"),
    "done": ("done",),
    "group": ("group",),
    "order": ("z_order",),
    "default": ("preferred_at",),
}
_OF_ALL = ("annotation_type", "deleted")


def reverted(before: ObjectState, changed: ObjectState, earlier: ObjectState | None) -> dict[str, Any]:
    """The fields of `before` without the change from `earlier` (None: a new object) to `changed`.

    Raises:
        EditConflict: A field of the change was changed since.
    """
    if earlier is None:
        if fields := fields_changed(changed, before):
            raise conflict_on(min(fields))
        return {"deleted": True}
    keyframes = _restored(_by_frame(before), _by_frame(changed), _by_frame(earlier), keyframe_field)
    behaviors = _restored(_by_id(before), _by_id(changed), _by_id(earlier), behavior_field)
    return {
        **_restored_units(before, changed, earlier),
        "attributes": _restored(before.attributes, changed.attributes, earlier.attributes, attribute_field),
        "keyframes": [keyframes[frame] for frame in sorted(keyframes)],
        "behaviors": list(behaviors.values()),
    }


def conflict_on(field: str) -> EditConflict:
    """The conflict over a field that was changed since."""
    code, params = describe_field(field)
    return EditConflict(code, **params)


def fields_changed(before: ObjectState, after: ObjectState) -> frozenset[str]:
    """The fields, as in `touches`, that differ between two states of an object."""
    if any(getattr(before, name) != getattr(after, name) for name in _OF_ALL):
        return frozenset({WHOLE_OBJECT})
    fields = {
        unit for unit, names in _UNITS.items() if any(getattr(before, name) != getattr(after, name) for name in names)
    }
    if before.attributes is not after.attributes:
        fields |= {attribute_field(name) for name in _differing(before.attributes, after.attributes)}
    if before.behaviors is not after.behaviors:
        fields |= {behavior_field(name) for name in _differing(_by_id(before), _by_id(after))}
    if before.keyframes is not after.keyframes:
        fields |= _keyframe_fields(_by_frame(before), _by_frame(after))
    return frozenset(fields)


def _keyframe_fields(before: Mapping[int, Keyframe], after: Mapping[int, Keyframe]) -> set[str]:
    fields: set[str] = set()
    for frame in _differing(before, after):
        left, right = before.get(frame), after.get(frame)
        if left and right and left == right.model_copy(update={"attributes": left.attributes}):
            fields |= {attribute_field(name, frame) for name in _differing(left.attributes, right.attributes)}
        else:
            fields.add(keyframe_field(frame))
    return fields


def _differing(before: Mapping[K, V], after: Mapping[K, V]) -> list[K]:
    return [key for key in before.keys() | after.keys() if not _same(before.get(key), after.get(key))]


def _same(left: object, right: object) -> bool:
    """Whether two values are equal and have the same type: True is not 1.0."""
    return left is right or (left == right and type(left) is type(right))


def _restored_units(before: ObjectState, changed: ObjectState, earlier: ObjectState) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for field, names in [*_UNITS.items(), (WHOLE_OBJECT, ("annotation_type",)), (WHOLE_OBJECT, ("deleted",))]:
        value, changed_value, earlier_value = (
            tuple(getattr(state, name) for name in names) for state in (before, changed, earlier)
        )
        if earlier_value in (changed_value, value):
            continue
        if value != changed_value:
            raise conflict_on(field)
        fields |= dict(zip(names, earlier_value, strict=True))
    return fields


def _restored(
    before: Mapping[K, V], changed: Mapping[K, V], earlier: Mapping[K, V], field: Callable[[K], str]
) -> dict[K, V]:
    """`before`, with every entry that differs between `earlier` and `changed` reset to `earlier`."""
    restored = dict(before)
    for key in _differing(earlier, changed):
        value, changed_value, earlier_value = before.get(key), changed.get(key), earlier.get(key)
        if not _same(value, changed_value) and not _same(value, earlier_value):
            raise conflict_on(field(key))
        if earlier_value is None:
            restored.pop(key, None)
        else:
            restored[key] = earlier_value
    return restored


def _by_frame(state: ObjectState) -> dict[int, Keyframe]:
    return {keyframe.frame: keyframe for keyframe in state.keyframes}


def _by_id(state: ObjectState) -> dict[str, Behavior]:
    return {behavior.id: behavior for behavior in state.behaviors}
