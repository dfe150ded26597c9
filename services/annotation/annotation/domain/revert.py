"""Reverting one change of an object and keeping later ones: a three-way merge, field by field.

A field set by the change returns to its earlier value if it still has the value that the change gave it; a later value
is never overwritten.
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


def reverted(before: ObjectState, made: ObjectState, earlier: ObjectState | None) -> dict[str, Any]:
    """The fields of `before` without the change from `earlier` (None: a new object) to `made`.

    Raises:
        EditConflict: a field of it was changed since.
    """
    if earlier is None:
        if what := fields_changed(made, before):
            raise conflict_on(min(what))
        return {"deleted": True}
    keyframes = _back(_by_frame(before), _by_frame(made), _by_frame(earlier), keyframe_field)
    behaviors = _back(_by_id(before), _by_id(made), _by_id(earlier), behavior_field)
    return {
        **_units_back(before, made, earlier),
        "attributes": _back(before.attributes, made.attributes, earlier.attributes, attribute_field),
        "keyframes": [keyframes[frame] for frame in sorted(keyframes)],
        "behaviors": list(behaviors.values()),
    }


def conflict_on(field: str) -> EditConflict:
    """The conflict over a field that was changed since."""
    code, params = describe_field(field)
    return EditConflict(code, **params)


def fields_changed(before: ObjectState, after: ObjectState) -> frozenset[str]:
    """The fields, as in `touches`, in which two states of an object differ."""
    if any(getattr(before, name) != getattr(after, name) for name in _OF_ALL):
        return frozenset({WHOLE_OBJECT})
    fields = {
        what for what, names in _UNITS.items() if any(getattr(before, name) != getattr(after, name) for name in names)
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
    """Whether two values are the same; True is not 1.0."""
    return left is right or (left == right and type(left) is type(right))


def _units_back(before: ObjectState, made: ObjectState, earlier: ObjectState) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for what, names in [*_UNITS.items(), (WHOLE_OBJECT, ("annotation_type",)), (WHOLE_OBJECT, ("deleted",))]:
        now, then, old = (tuple(getattr(one, name) for name in names) for one in (before, made, earlier))
        if old in (then, now):
            continue
        if now != then:
            raise conflict_on(what)
        fields |= dict(zip(names, old, strict=True))
    return fields


def _back(before: Mapping[K, V], made: Mapping[K, V], earlier: Mapping[K, V], field: Callable[[K], str]) -> dict[K, V]:
    """`before` with every entry that differs between `earlier` and `made` as in `earlier`."""
    back = dict(before)
    for key in _differing(earlier, made):
        now, then, old = before.get(key), made.get(key), earlier.get(key)
        if not _same(now, then) and not _same(now, old):
            raise conflict_on(field(key))
        if old is None:
            back.pop(key, None)
        else:
            back[key] = old
    return back


def _by_frame(state: ObjectState) -> dict[int, Keyframe]:
    return {keyframe.frame: keyframe for keyframe in state.keyframes}


def _by_id(state: ObjectState) -> dict[str, Behavior]:
    return {behavior.id: behavior for behavior in state.behaviors}
