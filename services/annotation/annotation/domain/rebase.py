"""Rebasing of stale edits: which concurrent edits can be combined.

Every edit sets fields of its object. A stale edit is applied to the latest revision if the changes since its base
revision set other fields; otherwise it is a conflict that the user must resolve.

Fields, in their stored form: `*` is the whole object; `keyframe 7`; `keyframe 7 attribute Speed`; `frames 100-151`;
`attribute Speed`; `behavior <id>`; `category`, `done`, `group`, `order`, `default`.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from annotation.domain.tracks import FOREVER
from common.contract import edits
from common.contract.errors import Param

WHOLE_OBJECT = "*"
# An edit further behind is not a race of two users: the client must reload the object.
MAX_REVISIONS_BEHIND = 1000
_KEYFRAME, _FRAMES, _ATTRIBUTE, _BEHAVIOR = "keyframe ", "frames ", "attribute ", "behavior "


def keyframe_field(frame: int) -> str:
    """The keyframe on a frame."""
    return f"{_KEYFRAME}{frame}"


def attribute_field(name: str, frame: int | None = None) -> str:
    """An attribute of the object, or its value on the keyframe of a frame."""
    return f"{_ATTRIBUTE}{name}" if frame is None else f"{_KEYFRAME}{frame} {_ATTRIBUTE}{name}"


def frames_field(first: int | None, last: int | None) -> str:
    """Everything on frames first…last."""
    return f"{_FRAMES}{first or 0}-{FOREVER if last is None else last}"


def behavior_field(behavior_id: str) -> str:
    """A behavior."""
    return f"{_BEHAVIOR}{behavior_id}"


def describe_field(field: str) -> tuple[str, dict[str, Param]]:
    """The error code for a field that was changed in the meantime, and its parameters."""
    if field == WHOLE_OBJECT:
        return "object_changed", {}
    if (span := _locate(field)) is not None:
        if span.attribute is not None:
            return "keyframe_attribute_changed", {"attribute": span.attribute, "frame": span.first}
        if field.startswith(_FRAMES):
            return "frames_changed", {"first": span.first, "last": span.last}
        return "keyframe_changed", {"frame": span.first}
    if field.startswith(_ATTRIBUTE):
        return "attribute_changed", {"attribute": field.removeprefix(_ATTRIBUTE)}
    return ("behavior_changed" if field.startswith(_BEHAVIOR) else f"{field}_changed"), {}


def touches(edit: edits.Edit) -> frozenset[str]:
    """The fields that an edit sets in any object. Fields that depend on the object are in `Change.touches`."""
    fields = _FIELDS.get(type(edit))
    return frozenset(fields(edit)) if fields else frozenset({WHOLE_OBJECT})


def _through_next_frame(edit: edits.SetPresence | edits.SetOcclusion) -> tuple[str]:
    """Frames first…last and the next one, on which the previous state resumes."""
    return (frames_field(edit.first, None if edit.last is None else edit.last + 1),)


def _propagated(edit: edits.Propagate) -> tuple[str]:
    return (frames_field(min(edit.frame, edit.to), max(edit.frame, edit.to) + 1),)


# Create, delete, restore, split, merge, convert and shift set the whole object.
_FIELDS: Mapping[type[Any], Callable[[Any], Iterable[str]]] = {
    edits.PutKeyframe: lambda edit: (keyframe_field(edit.keyframe.frame),),
    edits.RemoveKeyframe: lambda edit: (keyframe_field(edit.frame),),
    edits.SetCategory: lambda _: ("category",),
    edits.SetAttributes: lambda edit: (attribute_field(name, edit.frame) for name in edit.attributes),
    edits.SetDone: lambda _: ("done",),
    edits.SetGroup: lambda _: ("group",),
    edits.SetZOrder: lambda _: ("order",),
    edits.MakeDefault: lambda _: ("default",),
    edits.SetPresence: _through_next_frame,
    edits.SetOcclusion: _through_next_frame,
    edits.Move: lambda edit: (frames_field(edit.first, edit.last),),
    edits.Scale: lambda edit: (frames_field(edit.first, edit.last),),
    edits.Propagate: _propagated,
    edits.Reduce: lambda edit: (frames_field(edit.first, edit.last),),
    edits.PutGenerated: lambda edit: (frames_field(edit.first, edit.last),),
    edits.PutBehavior: lambda edit: (behavior_field(edit.behavior.id),),
    edits.RemoveBehavior: lambda edit: (behavior_field(edit.behavior),),
}


class _Range(NamedTuple):
    """The frames of a field, and its attribute if it has one."""

    first: int
    last: int
    attribute: str | None


def _locate(field: str) -> _Range | None:
    if field.startswith(_FRAMES):
        first, _, last = field.removeprefix(_FRAMES).partition("-")
        return _Range(int(first), int(last), None)
    if field.startswith(_KEYFRAME):
        frame, _, rest = field.removeprefix(_KEYFRAME).partition(" ")
        return _Range(int(frame), int(frame), rest.removeprefix(_ATTRIBUTE) or None)
    return None


class ChangedFields:
    """The fields changed since an edit's base revision."""

    def __init__(self, changes: Iterable[frozenset[str]]) -> None:
        self._fields = frozenset[str]().union(*changes)
        self._ranges: list[_Range] = []
        self._attributes_at: dict[int, set[str]] = {}
        for field in self._fields:
            span = _locate(field)
            if span is not None and span.attribute is not None:
                self._attributes_at.setdefault(span.first, set()).add(span.attribute)
            elif span is not None and field.startswith(_FRAMES):
                self._ranges.append(span)

    def collision(self, mine: frozenset[str]) -> str | None:
        """A field set both by an edit (`mine`) and by one of the changes; None if there is none."""
        if not self._fields:
            return None
        if WHOLE_OBJECT in mine or WHOLE_OBJECT in self._fields:
            return WHOLE_OBJECT
        return next((field for field in sorted(mine) if self._has(field)), None)

    def _has(self, field: str) -> bool:
        if field in self._fields:
            return True
        if field.startswith(_ATTRIBUTE):
            name = field.removeprefix(_ATTRIBUTE)
            return any(name in names for names in self._attributes_at.values())
        span = _locate(field)
        return span is not None and self._reaches(span)

    def _reaches(self, span: _Range) -> bool:
        if any(span.first <= other.last and other.first <= span.last for other in self._ranges):
            return True
        if span.attribute is not None:
            return keyframe_field(span.first) in self._fields or attribute_field(span.attribute) in self._fields
        if span.first == span.last:
            return span.first in self._attributes_at or keyframe_field(span.first) in self._fields
        return any(span.first <= frame <= span.last for frame in self._frames())

    def _frames(self) -> Iterable[int]:
        """The frames of all changed keyframes."""
        ranges = (_locate(field) for field in self._fields if field.startswith(_KEYFRAME))
        return (span.first for span in ranges if span is not None)


def collision(edit: edits.Edit, since: Iterable[frozenset[str]]) -> str | None:
    """A field set both by the edit and by one of the changes since its base revision; None if there is none."""
    return ChangedFields(since).collision(touches(edit))
