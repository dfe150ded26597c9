"""Category, attributes and other properties of an object."""

import math
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from annotation.domain.edit_context import EditContext
from annotation.domain.errors import EditRefused
from annotation.domain.invariants import check_attributes, check_keyframes, checked
from annotation.domain.keyframe_factory import make_keyframe
from annotation.domain.tracks import attribute_names, position_of
from common.contract.edits import MakeDefault, SetAttributes, SetCategory, SetDone, SetGroup, SetZOrder, Value
from common.contract.labels import Attributes, Keyframe, ObjectState

Values = Mapping[str, Value | None]


def set_category(edit: SetCategory, before: ObjectState, context: EditContext) -> dict[str, Any]:
    """Change mission, category and type. Attributes that the new class does not have are removed."""
    mission = edit.mission or before.mission
    changed: dict[str, Any] = {"mission": mission, "category": edit.category, "type": edit.type}
    if before.annotation_type == "label" and (mission, edit.category) != (before.mission, before.category):
        raise EditRefused("label_category_is_fixed")
    if context.ontology is None:
        return changed
    known = context.ontology.attributes(mission, edit.category, edit.type)
    foreign = attribute_names(before) - known.keys()
    if foreign:
        changed["attributes"] = _without(before.attributes, foreign)
        changed["keyframes"] = [_cleared(keyframe, foreign) for keyframe in before.keyframes]
    return changed


def set_attributes(edit: SetAttributes, before: ObjectState, context: EditContext) -> dict[str, Any]:
    """Set attributes of the object; mutable ones from a frame on, by default the first keyframe."""
    mutable = _mutable(edit, before, context)
    mutable_values = {name: value for name, value in edit.attributes.items() if name in mutable}
    attributes = _merged(before.attributes, {n: v for n, v in edit.attributes.items() if n not in mutable})
    changed: dict[str, Any] = {}
    if mutable_values and edit.frame is None:
        attributes = _without(attributes, mutable_values)
        changed["keyframes"] = _from_the_first(before.keyframes, mutable_values)
    elif mutable_values and edit.frame is not None:
        changed["keyframes"] = _from_frame(before, edit.frame, mutable_values, context)
    check_attributes(attributes)
    return changed | {"attributes": attributes}


def _mutable(edit: SetAttributes, before: ObjectState, context: EditContext) -> Collection[str]:
    """The attributes that belong to keyframes: mutable ones, and unknown ones, which are removed everywhere."""
    if context.ontology is None:
        return edit.attributes if edit.frame is not None else ()
    known = context.ontology.attributes(before.mission, before.category, before.type)
    return {name for name in edit.attributes if name not in known or known[name].mutable}


def _from_the_first(keyframes: Sequence[Keyframe], values: Values) -> list[Keyframe]:
    first, *later = keyframes
    attributes = _merged(first.attributes, values)
    check_attributes(attributes)
    return [first.model_copy(update={"attributes": attributes}), *(_cleared(keyframe, values) for keyframe in later)]


def _from_frame(before: ObjectState, frame: int, values: Values, context: EditContext) -> list[Keyframe]:
    at, exists = position_of(before.keyframes, frame)
    if not exists and all(value is None for value in values.values()):
        return before.keyframes
    if at == 0 and not exists:
        raise EditRefused("before_first_keyframe", frame=frame)
    keyframe = make_keyframe(before.keyframes, frame, context)
    keyframe = keyframe.model_copy(update={"attributes": _merged(keyframe.attributes, values)})
    keyframe = checked(keyframe, before.annotation_type, context)
    keyframes = [*before.keyframes[:at], keyframe, *before.keyframes[at + exists :]]
    check_keyframes(keyframes)
    return keyframes


def _merged(attributes: Attributes, values: Values) -> Attributes:
    merged = {**attributes, **values}
    return {name: value for name, value in merged.items() if value is not None}


def _without(attributes: Attributes, names: Collection[str]) -> Attributes:
    return {name: value for name, value in attributes.items() if name not in names}


def _cleared(keyframe: Keyframe, names: Collection[str]) -> Keyframe:
    if keyframe.attributes.keys().isdisjoint(names):
        return keyframe
    return keyframe.model_copy(update={"attributes": _without(keyframe.attributes, names)})


def set_done(edit: SetDone, _: ObjectState, __: EditContext) -> dict[str, Any]:
    """Mark as done or not done."""
    return {"done": edit.done}


def set_group(edit: SetGroup, _: ObjectState, __: EditContext) -> dict[str, Any]:
    """Set or clear the group."""
    return {"group": edit.group}


def set_z_order(edit: SetZOrder, _: ObjectState, __: EditContext) -> dict[str, Any]:
    """Set the z-order."""
    return {"z_order": edit.z_order}


def make_default(_: MakeDefault, before: ObjectState, context: EditContext) -> dict[str, Any]:
    """Make this the default label of the medium."""
    if before.annotation_type != "label":
        raise EditRefused("not_a_label")
    # Clocks of replicas differ: ensure a later time for a label that is made default again.
    earlier = before.preferred_at or 0.0
    return {"preferred_at": max(context.now, math.nextafter(earlier, math.inf))}
