"""What a run suggests and what people say of it, as edits."""

from collections.abc import Iterator, Sequence
from operator import attrgetter
from typing import Literal

from annotation.domain.object_class import Kind
from common.contract.clips import FRAMES_PER_CLIP
from common.contract.edits import Create, EditResult, PutGenerated
from common.contract.events import LabelsTracked
from common.contract.labels import Keyframe, ObjectState, Suggestion
from common.contract.questions import PendingSuggestion, ReviewDecision
from common.service.ids import same_id

ReviewDone = Literal["accepted", "rejected", "edited"]


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


def creation(
    suggestion: Suggestion, keyframes: Sequence[Keyframe], kind: Kind, run_id: str, model: str | None
) -> Create:
    """The edit that makes a suggestion an object. Its ids follow from the suggestion's, so that it is made once."""
    return Create(
        id=same_id("accepted", suggestion.id),
        object=suggestion.id,
        base_revision=0,
        mission=kind.mission,
        category=kind.category,
        type=kind.type,
        keyframes=list(keyframes),
        source="model",
        run_id=run_id,
        model=model,
        score=suggestion.score,
    )


def within_medium(pending: PendingSuggestion, frame_count: int | None) -> PendingSuggestion:
    """A suggestion that does not end behind its medium, whose length was perhaps not known when it was made."""
    if frame_count is None:
        return pending
    kept = [one for one in pending.keyframes if not (one.outside and one.frame >= frame_count)]
    return pending.model_copy(update={"keyframes": kept})


def accepted(pending: PendingSuggestion, verdict: ReviewDecision, kind: Kind) -> Create:
    """The edit by which a person accepts a suggestion, as it is or with other keyframes."""
    suggestion = Suggestion.model_construct(
        id=pending.id, label=pending.label, score=pending.score, keyframes=pending.keyframes
    )
    keyframes = verdict.keyframes if verdict.keyframes is not None else pending.keyframes
    return creation(suggestion, keyframes, kind, pending.run_id, pending.model)


def review_of(
    pending: PendingSuggestion, verdict: ReviewDecision, kind: Kind | None, proposed: Kind | None
) -> ReviewDone:
    """What a verdict makes of a suggestion: `kind` is what the object is, `proposed` what its label means."""
    if not verdict.accept:
        return "rejected"
    keyframes = verdict.keyframes
    same_shapes = keyframes is None or _shapes(keyframes) == _shapes(pending.keyframes)
    return "accepted" if same_shapes and kind == proposed else "edited"


def _shapes(keyframes: Sequence[Keyframe]) -> list[Keyframe]:
    """Keyframes for comparing: where they come from and their scores do not matter."""
    plain = [keyframe.model_copy(update={"source": "model", "score": None}) for keyframe in keyframes]
    return sorted(plain, key=attrgetter("frame"))


def once_more(verdict: ReviewDecision, pending: PendingSuggestion, state: ObjectState | None) -> EditResult:
    """The answer to a verdict on a suggestion that was reviewed before."""
    return EditResult(
        id=verdict.suggestion,
        status="duplicate",
        revision=state.revision if state else None,
        object=state,
        reason=f"This suggestion was {pending.review} before.",
    )


def tracked(event: LabelsTracked, track: Suggestion, base_revision: int) -> PutGenerated:
    """The edit that puts what a run found of an object between the keyframes that a person set."""
    inside = [keyframe for keyframe in track.keyframes if event.first <= keyframe.frame <= event.last]
    return PutGenerated(
        id=same_id("tracked", event.run_id, event.object_id, event.first, event.last),
        object=event.object_id,
        base_revision=base_revision,
        first=event.first,
        last=event.last,
        keyframes=[keyframe.model_copy(update={"source": "quick"}) for keyframe in inside],
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
