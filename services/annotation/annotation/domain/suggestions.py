"""Suggestions and their reviews as edits."""

from collections.abc import Iterator, Sequence
from operator import attrgetter
from typing import Literal

from annotation.domain.object_class import ObjectClass
from common.contract.clips import FRAMES_PER_CLIP
from common.contract.edits import Create, EditResult, PutGenerated
from common.contract.errors import reason_for
from common.contract.events import LabelsTracked
from common.contract.labels import Keyframe, ObjectState, Suggestion
from common.contract.questions import PendingSuggestion, ReviewDecision
from common.service.ids import stable_id

ReviewDone = Literal["accepted", "rejected", "edited"]


def ends_medium(last: int, frame_count: int | None) -> bool:
    """Whether a clip that ends on frame `last` is the last one of the medium; a shorter clip always is."""
    return last + 1 == frame_count if frame_count is not None else (last + 1) % FRAMES_PER_CLIP != 0


def closed(keyframes: Sequence[Keyframe], last: int, *, at_end: bool) -> list[Keyframe]:
    """The keyframes of a track found in a clip that ends on frame `last`. Unless the medium ends there (`at_end`), the
    track is outside from the next frame on, because a track continues after its last keyframe."""
    inside = sorted((keyframe for keyframe in keyframes if keyframe.frame <= last), key=attrgetter("frame"))
    track = [keyframe.model_copy(update={"source": "model"}) for keyframe in inside]
    if at_end or not track or track[-1].outside:
        return track
    return [*track, track[-1].model_copy(update={"frame": last + 1, "outside": True, "score": None})]


def creation(
    suggestion: Suggestion, keyframes: Sequence[Keyframe], object_class: ObjectClass, run_id: str, model: str | None
) -> Create:
    """The edit that creates the object of a suggestion. Idempotent: its ids are derived from the suggestion."""
    return Create(
        id=stable_id("accepted", suggestion.id),
        object=suggestion.id,
        base_revision=0,
        mission=object_class.mission,
        category=object_class.category,
        type=object_class.type,
        keyframes=list(keyframes),
        source="model",
        run_id=run_id,
        model=model,
        score=suggestion.score,
    )


def within_medium(pending: PendingSuggestion, frame_count: int | None) -> PendingSuggestion:
    """The suggestion clipped to its medium, whose length may have been unknown when it was created."""
    if frame_count is None:
        return pending
    keyframes = [keyframe for keyframe in pending.keyframes if not (keyframe.outside and keyframe.frame >= frame_count)]
    return pending.model_copy(update={"keyframes": keyframes})


def accepted(pending: PendingSuggestion, decision: ReviewDecision, object_class: ObjectClass) -> Create:
    """The edit that accepts a suggestion, unchanged or with other keyframes."""
    suggestion = Suggestion.model_construct(
        id=pending.id, label=pending.label, score=pending.score, keyframes=pending.keyframes
    )
    keyframes = decision.keyframes if decision.keyframes is not None else pending.keyframes
    return creation(suggestion, keyframes, object_class, pending.run_id, pending.model)


def review_of(
    pending: PendingSuggestion, decision: ReviewDecision, object_class: ObjectClass | None, proposed: ObjectClass | None
) -> ReviewDone:
    """The review of a decision. `object_class` is the chosen class, `proposed` the one of the suggested label."""
    if not decision.accept:
        return "rejected"
    keyframes = decision.keyframes
    same_shapes = keyframes is None or _shapes(keyframes) == _shapes(pending.keyframes)
    return "accepted" if same_shapes and object_class == proposed else "edited"


def _shapes(keyframes: Sequence[Keyframe]) -> list[Keyframe]:
    """Keyframes for comparison, without source and score."""
    plain = [keyframe.model_copy(update={"source": "model", "score": None}) for keyframe in keyframes]
    return sorted(plain, key=attrgetter("frame"))


def repeated_review(decision: ReviewDecision, pending: PendingSuggestion, state: ObjectState | None) -> EditResult:
    """The result of a decision on a suggestion that was reviewed before."""
    return EditResult(
        id=decision.suggestion,
        status="duplicate",
        revision=state.revision if state else None,
        object=state,
        reason=reason_for(f"suggestion_{pending.review}_before"),
    )


def tracked(event: LabelsTracked, track: Suggestion, base_revision: int) -> PutGenerated:
    """The edit that adds tracked shapes between manual keyframes."""
    inside = [keyframe for keyframe in track.keyframes if event.first <= keyframe.frame <= event.last]
    return PutGenerated(
        id=stable_id("tracked", event.run_id, event.object_id, event.first, event.last),
        object=event.object_id,
        base_revision=base_revision,
        first=event.first,
        last=event.last,
        keyframes=[keyframe.model_copy(update={"source": "quick"}) for keyframe in inside],
    )


def chunks(edits: Sequence[Create], edits_at_most: int, keyframes_at_most: int) -> Iterator[list[Create]]:
    """Edits in lists that fit into one transaction each."""
    chunk: list[Create] = []
    keyframes = 0
    for edit in edits:
        if chunk and (len(chunk) == edits_at_most or keyframes + len(edit.keyframes) > keyframes_at_most):
            yield chunk
            chunk, keyframes = [], 0
        chunk.append(edit)
        keyframes += len(edit.keyframes)
    if chunk:
        yield chunk
