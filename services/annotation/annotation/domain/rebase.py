"""Edits that were made without knowing of each other: which of them go together.

Every edit touches fields of its object. One that was made at an older revision is applied to the newest, as long as
the changes since then touched other fields; else it is a conflict, which the person settles.
"""

from collections.abc import Iterable

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
    match edit:
        case PutKeyframe():
            return frozenset({f"keyframe {edit.keyframe.frame}"})
        case RemoveKeyframe():
            return frozenset({f"keyframe {edit.frame}"})
        case SetCategory():
            return frozenset({"category"})
        case SetAttributes():
            return frozenset(f"attribute {name}" for name in edit.attributes)
        case SetDone():
            return frozenset({"done"})
        case _:
            return frozenset({WHOLE})


def collision(edit: Edit, since: Iterable[frozenset[str]]) -> str | None:
    """What both the edit and one of the changes since its base revision touched, in words; None if nothing."""
    mine = touches(edit)
    for theirs in since:
        if WHOLE in mine or WHOLE in theirs:
            return "the object"
        if both := mine & theirs:
            return f"its {min(both)}"
    return None
