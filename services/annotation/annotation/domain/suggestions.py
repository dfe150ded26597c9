"""What a run suggests, as edits that a run may make."""

from collections.abc import Iterator, Sequence
from operator import attrgetter

from common.clips import FRAMES_PER_CLIP
from common.ids import same_id
from common.labels import Create, Keyframe, Suggestion


def ends_medium(last: int, frame_count: int | None) -> bool:
    """Whether a clip that ends on frame `last` is the medium's last one; a shorter clip always is."""
    return last + 1 == frame_count if frame_count is not None else (last + 1) % FRAMES_PER_CLIP != 0


def closed(keyframes: Sequence[Keyframe], last: int, *, at_end: bool) -> list[Keyframe]:
    """The keyframes of a track that was looked for up to frame `last` of a clip and not beyond: unless the medium ends
    there (`at_end`), it is outside from the next frame on, for a track is held after its last keyframe."""
    inside = sorted((keyframe for keyframe in keyframes if keyframe.frame <= last), key=attrgetter("frame"))
    kept = [keyframe.model_copy(update={"source": "model"}) for keyframe in inside]
    if at_end or not kept or kept[-1].outside:
        return kept
    return [*kept, kept[-1].model_copy(update={"frame": last + 1, "outside": True, "score": None})]


def creation(suggestion: Suggestion, keyframes: list[Keyframe], mission: str, run_id: str) -> Create:
    """The edit that makes a suggestion an object. Its ids follow from the suggestion's, so that it is made once."""
    return Create(
        id=same_id("accepted", suggestion.id),
        object=suggestion.id,
        base_revision=0,
        mission=mission,
        category=suggestion.label,
        keyframes=keyframes,
        source="model",
        run_id=run_id,
        score=suggestion.score,
    )


def chunks(edits: Sequence[Create], edits_at_most: int, keyframes_at_most: int) -> Iterator[list[Create]]:
    """Edits in runs that each fit into one transaction."""
    run: list[Create] = []
    keyframes = 0
    for edit in edits:
        if run and (len(run) == edits_at_most or keyframes + len(edit.keyframes) > keyframes_at_most):
            yield run
            run, keyframes = [], 0
        run.append(edit)
        keyframes += len(edit.keyframes)
    if run:
        yield run
