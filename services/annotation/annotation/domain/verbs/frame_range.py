"""The range of frames of an edit."""

from annotation.domain.edit_context import EditContext
from annotation.domain.errors import EditRefused
from common.contract.edits import Move, Reduce, Scale, SetOcclusion, SetPresence


def frame_range_of(edit: SetPresence | SetOcclusion | Move | Scale | Reduce, context: EditContext) -> tuple[int, int]:
    """The first and last frame, inclusive; all known frames if none are given.

    Raises:
        EditRefused: The range is reversed or outside the medium.
    """
    first, last = edit.first or 0, context.medium.frame_count - 1 if edit.last is None else edit.last
    check_frame_range(first, last, context)
    return first, last


def check_frame_range(first: int, last: int, context: EditContext) -> None:
    """Refuse a range that is reversed or outside the medium."""
    if max(first, last) >= context.medium.frame_count:
        count = context.medium.frame_count
        raise EditRefused("frame_outside_medium", frame=max(first, last), frame_count=count)
    if last < first:
        raise EditRefused("frame_range_reversed", first=first, last=last)
