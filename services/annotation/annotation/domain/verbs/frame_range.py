"""The frames that an edit names."""

from annotation.domain.edit_context import EditContext
from annotation.domain.errors import EditRefused
from common.contract.edits import Move, Reduce, Scale, SetOcclusion, SetPresence


def frame_range_of(edit: SetPresence | SetOcclusion | Move | Scale | Reduce, context: EditContext) -> tuple[int, int]:
    """From which frame to which, inclusive: all that are known if none is named.

    Raises:
        Refusal: they are the wrong way round, or not in the medium.
    """
    first, last = edit.first or 0, context.medium.frame_count - 1 if edit.last is None else edit.last
    check_frame_range(first, last, context)
    return first, last


def check_frame_range(first: int, last: int, context: EditContext) -> None:
    """Refuse frames that are the wrong way round, or not in the medium."""
    if max(first, last) >= context.medium.frame_count:
        count = context.medium.frame_count
        raise EditRefused("frame_outside_medium", frame=max(first, last), frame_count=count)
    if last < first:
        raise EditRefused("frame_range_reversed", first=first, last=last)
