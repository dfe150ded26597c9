"""Edits that were made without knowing of each other: which of them go together.

Every edit touches fields of its object. One that was made at an older revision is applied to the newest, as long as
the changes since then touched other fields; else it is a conflict, which the person settles.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from common.labels import (
    Edit,
    PutKeyframe,
    RemoveKeyframe,
    SetAttributes,
    SetCategory,
    SetDone,
)

WHOLE = "*"
# Behind by more than this is no longer a race of two people: the editor looks at the object again.
FARTHEST_BEHIND = 1000


def touches(edit: Edit) -> frozenset[str]:
    """The fields of the object that an edit sets."""
    fields = _FIELDS.get(type(edit))
    return frozenset(fields(edit)) if fields else frozenset({WHOLE})


# Creating, deleting and restoring an object concern all of it.
_FIELDS: Mapping[type[Any], Callable[[Any], Iterable[str]]] = {
    PutKeyframe: lambda edit: (f"keyframe {edit.keyframe.frame}",),
    RemoveKeyframe: lambda edit: (f"keyframe {edit.frame}",),
    SetCategory: lambda _: ("category",),
    SetAttributes: lambda edit: (f"attribute {name}" for name in edit.attributes),
    SetDone: lambda _: ("done",),
}


def collision(edit: Edit, since: Iterable[frozenset[str]]) -> str | None:
    """What both the edit and one of the changes since its base revision touched, in words; None if nothing."""
    mine = touches(edit)
    for theirs in since:
        if WHOLE in mine or WHOLE in theirs:
            return "the object"
        if both := mine & theirs:
            return f"its {min(both)}"
    return None
