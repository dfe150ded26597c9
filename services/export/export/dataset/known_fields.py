"""The kinds and fields of stored objects that this version knows; a newer version may write others."""

from collections.abc import Iterable, Mapping
from typing import Any, get_args

from common.contract.labels import Behavior, Keyframe, ObjectState
from common.geometry.types import AnnotationType, Geometry

_STATE = frozenset(ObjectState.model_fields)
_KEYFRAME = frozenset(Keyframe.model_fields)
_BEHAVIOR = frozenset(Behavior.model_fields)
_GEOMETRY = {
    shape.model_fields["kind"].default: frozenset(shape.model_fields) for shape in get_args(get_args(Geometry)[0])
}
ANNOTATION_TYPES: tuple[str, ...] = get_args(AnnotationType)


def is_understood(state: Mapping[str, Any]) -> bool:
    """Whether this version knows every field of an `ObjectState` that was parsed from JSON."""
    keyframes = state["keyframes"]
    return (
        state.keys() <= _STATE
        and _only(_KEYFRAME, keyframes)
        and _only(_BEHAVIOR, state.get("behaviors") or ())
        and _only(_GEOMETRY[kind_of(state)], (keyframe["geometry"] for keyframe in keyframes))
    )


def kind_of(state: Mapping[str, Any]) -> str:
    """The kind of an object's shapes, possibly an unknown one."""
    return str(state.get("annotation_type", "bbox"))


def _only(known: frozenset[str], found: Iterable[Mapping[str, Any]]) -> bool:
    return all(fields.keys() <= known for fields in found)
