"""Edits that were made without knowing of each other: which of them go together.

Every edit touches fields of its object. One that was made at an older revision is applied to the newest, as long as
the changes since then touched other fields; else it is a conflict, which the person settles.

Fields, as they are stored: `*` is all of the object; `keyframe 7`; `keyframe 7 attribute Speed`; `frames 100-151`;
`attribute Speed`; `behaviour <id>`; `category`, `done`, `group`, `order`, `default`.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from annotation.domain.tracks import FOREVER
from common.contract.edits import (
    Edit,
    MakeDefault,
    Move,
    Propagate,
    PutBehavior,
    PutGenerated,
    PutKeyframe,
    Reduce,
    RemoveBehavior,
    RemoveKeyframe,
    Scale,
    SetAttributes,
    SetCategory,
    SetDone,
    SetGroup,
    SetOcclusion,
    SetPresence,
    SetZOrder,
)

WHOLE = "*"
# Behind by more than this is no longer a race of two people: the editor looks at the object again.
FARTHEST_BEHIND = 1000
_SPOKEN = {"done": "tick", "default": "being the default label"}
_KEYFRAME, _FRAMES, _ATTRIBUTE = "keyframe ", "frames ", "attribute "


def keyframe_field(frame: int) -> str:
    """The keyframe on a frame."""
    return f"{_KEYFRAME}{frame}"


def attribute_field(name: str, frame: int | None = None) -> str:
    """An attribute of the object, or its value on the keyframe of a frame."""
    return f"{_ATTRIBUTE}{name}" if frame is None else f"{_KEYFRAME}{frame} {_ATTRIBUTE}{name}"


def frames_field(first: int | None, last: int | None) -> str:
    """All that lies on frames first…last."""
    return f"{_FRAMES}{first or 0}-{FOREVER if last is None else last}"


def behavior_field(behavior_id: str) -> str:
    """A behaviour."""
    return f"behaviour {behavior_id}"


def in_words(field: str) -> str:
    """A field of the object as a person calls it."""
    return "the object" if field == WHOLE else f"its {_SPOKEN.get(field, field)}"


def touches(edit: Edit) -> frozenset[str]:
    """The fields that an edit sets whatever its object is. What it sets beyond these depends on the object, and is in
    the `touches` of the change."""
    fields = _FIELDS.get(type(edit))
    return frozenset(fields(edit)) if fields else frozenset({WHOLE})


def _with_the_next(edit: SetPresence | SetOcclusion) -> tuple[str]:
    """First…last and the frame after, from which on all is as it was."""
    return (frames_field(edit.first, None if edit.last is None else edit.last + 1),)


def _propagated(edit: Propagate) -> tuple[str]:
    return (frames_field(min(edit.frame, edit.to), max(edit.frame, edit.to) + 1),)


# Creating, deleting, restoring, splitting, joining, converting and shifting an object concern all of it.
_FIELDS: Mapping[type[Any], Callable[[Any], Iterable[str]]] = {
    PutKeyframe: lambda edit: (keyframe_field(edit.keyframe.frame),),
    RemoveKeyframe: lambda edit: (keyframe_field(edit.frame),),
    SetCategory: lambda _: ("category",),
    SetAttributes: lambda edit: (attribute_field(name, edit.frame) for name in edit.attributes),
    SetDone: lambda _: ("done",),
    SetGroup: lambda _: ("group",),
    SetZOrder: lambda _: ("order",),
    MakeDefault: lambda _: ("default",),
    SetPresence: _with_the_next,
    SetOcclusion: _with_the_next,
    Move: lambda edit: (frames_field(edit.first, edit.last),),
    Scale: lambda edit: (frames_field(edit.first, edit.last),),
    Propagate: _propagated,
    Reduce: lambda edit: (frames_field(edit.first, edit.last),),
    PutGenerated: lambda edit: (frames_field(edit.first, edit.last),),
    PutBehavior: lambda edit: (behavior_field(edit.behavior.id),),
    RemoveBehavior: lambda edit: (behavior_field(edit.behavior),),
}


class _Place(NamedTuple):
    """Where a field lies in time, and the attribute that it is there, if it is one."""

    first: int
    last: int
    attribute: str | None


def _place(field: str) -> _Place | None:
    if field.startswith(_FRAMES):
        first, _, last = field.removeprefix(_FRAMES).partition("-")
        return _Place(int(first), int(last), None)
    if field.startswith(_KEYFRAME):
        frame, _, rest = field.removeprefix(_KEYFRAME).partition(" ")
        return _Place(int(frame), int(frame), rest.removeprefix(_ATTRIBUTE) or None)
    return None


class Since:
    """The fields that were changed since an editor saw an object."""

    def __init__(self, changes: Iterable[frozenset[str]]) -> None:
        self._fields = frozenset[str]().union(*changes)
        self._stretches: list[_Place] = []
        self._attributes_at: dict[int, set[str]] = {}
        for field in self._fields:
            place = _place(field)
            if place is not None and place.attribute is not None:
                self._attributes_at.setdefault(place.first, set()).add(place.attribute)
            elif place is not None and field.startswith(_FRAMES):
                self._stretches.append(place)

    def collision(self, mine: frozenset[str]) -> str | None:
        """What both an edit that sets the fields `mine` and one of the changes touched, in words; None if nothing."""
        if not self._fields:
            return None
        if WHOLE in mine or WHOLE in self._fields:
            return in_words(WHOLE)
        return next((in_words(field) for field in sorted(mine) if self._has(field)), None)

    def _has(self, field: str) -> bool:
        if field in self._fields:
            return True
        if field.startswith(_ATTRIBUTE):
            name = field.removeprefix(_ATTRIBUTE)
            return any(name in names for names in self._attributes_at.values())
        place = _place(field)
        return place is not None and self._reaches(place)

    def _reaches(self, place: _Place) -> bool:
        if any(place.first <= theirs.last and theirs.first <= place.last for theirs in self._stretches):
            return True
        if place.attribute is not None:
            return keyframe_field(place.first) in self._fields or attribute_field(place.attribute) in self._fields
        if place.first == place.last:
            return place.first in self._attributes_at or keyframe_field(place.first) in self._fields
        return any(place.first <= frame <= place.last for frame in self._frames())

    def _frames(self) -> Iterable[int]:
        """The frames of all keyframes that were touched."""
        places = (_place(field) for field in self._fields if field.startswith(_KEYFRAME))
        return (place.first for place in places if place is not None)


def collision(edit: Edit, since: Iterable[frozenset[str]]) -> str | None:
    """What both the edit and one of the changes since its base revision touched, in words; None if nothing."""
    return Since(since).collision(touches(edit))
