"""The frames that an edit names."""

from annotation.domain.edit_context import Scene
from annotation.domain.errors import Refusal
from common.contract.edits import Move, Reduce, Scale, SetOcclusion, SetPresence


def stretch_of(edit: SetPresence | SetOcclusion | Move | Scale | Reduce, scene: Scene) -> tuple[int, int]:
    """From which frame to which, inclusive: all that are known if none is named.

    Raises:
        Refusal: they are the wrong way round, or not in the medium.
    """
    first, last = edit.first or 0, scene.medium.frame_count - 1 if edit.last is None else edit.last
    check_stretch(first, last, scene)
    return first, last


def check_stretch(first: int, last: int, scene: Scene) -> None:
    """Refuse frames that are the wrong way round, or not in the medium."""
    if max(first, last) >= scene.medium.frame_count:
        count = scene.medium.frame_count
        raise Refusal(f"Frame {max(first, last)} is outside the medium, which has {count} frames so far.")
    if last < first:
        raise Refusal(f"Frame {last} comes before frame {first}.")
