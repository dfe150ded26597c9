"""Use cases of reviewing suggestions. Accepting one is an edit, in the same transaction as the review."""

import time
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from annotation.domain.batch import Batch
from annotation.domain.object_class import ObjectClass, class_of_label, resolve_class
from annotation.domain.suggestions import accepted, chunks, repeated_review, review_of, within_medium
from annotation.media.repository import MediaRepository
from annotation.missions.ontologies import OntologyService
from annotation.objects.repository import ObjectRepository
from annotation.objects.service import EditService
from annotation.suggestions.repository import Reviewed, ReviewedMeanwhile, SuggestionRepository
from common.contract.edits import Create, EditResult
from common.contract.errors import Problem, reason_for
from common.contract.missions import Mission
from common.contract.questions import PendingSuggestion, ReviewDecision, ReviewSuggestions

# One transaction stays far below its lifetime of a minute.
KEYFRAMES_PER_BATCH = 20_000
EDITS_PER_BATCH = 500
_ATTEMPTS = 5


class _Acceptance(NamedTuple):
    """The edit that accepts a suggestion, and the resulting review."""

    edit: Create
    reviewed: Reviewed


class ReviewService:
    """Accepts and rejects suggestions, each once."""

    def __init__(
        self,
        suggestions: SuggestionRepository,
        editing: EditService,
        objects: ObjectRepository,
        media: MediaRepository,
        ontologies: OntologyService,
        wake_outbox: Callable[[], None],
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._suggestions = suggestions
        self._editing = editing
        self._objects = objects
        self._media = media
        self._ontologies = ontologies
        self._wake_outbox = wake_outbox
        self._clock = clock

    async def review(self, asked: ReviewSuggestions) -> list[EditResult]:
        """The result of each decision, in order; of two on the same suggestion, the first one counts.

        Raises:
            Problem: the medium cannot be labeled, or others keep reviewing the same suggestions.
        """
        decisions = {decision.suggestion: decision for decision in reversed(asked.decisions)}
        for _ in range(_ATTEMPTS):
            try:
                results = await self._review(asked, decisions)
            except ReviewedMeanwhile:
                continue
            self._wake_outbox()
            return _in_order(asked.decisions, results)
        raise Problem("suggestions_reviewed_meanwhile")

    async def _review(self, asked: ReviewSuggestions, decisions: dict[str, ReviewDecision]) -> dict[str, EditResult]:
        found = await self._suggestions.find(asked.project_id, asked.media_id, decisions.keys())
        results = {missing: _unknown(missing) for missing in decisions.keys() - found.keys()}
        results |= await self._earlier([one for one in found.values() if one.review != "pending"], decisions)
        pending = [one for one in found.values() if one.review == "pending"]
        results |= await self._reject(asked, [one for one in pending if not decisions[one.id].accept])
        results |= await self.accept(asked, [one for one in pending if decisions[one.id].accept], decisions)
        return results

    async def _earlier(
        self, reviewed: Sequence[PendingSuggestion], decisions: dict[str, ReviewDecision]
    ) -> dict[str, EditResult]:
        """The results for suggestions that were reviewed before, with their objects."""
        states = await self._objects.find([one.object_id for one in reviewed if one.object_id is not None])
        return {one.id: repeated_review(decisions[one.id], one, states.get(one.object_id or "")) for one in reviewed}

    async def _reject(self, asked: ReviewSuggestions, pending: Sequence[PendingSuggestion]) -> dict[str, EditResult]:
        reviews = [Reviewed(one, "rejected", asked.author, self._clock()) for one in pending]
        if reviews:
            await self._suggestions.reject(asked.project_id, reviews)
        return {one.id: EditResult(id=one.id, status="applied") for one in pending}

    async def accept(
        self, asked: ReviewSuggestions, pending: Sequence[PendingSuggestion], decisions: dict[str, ReviewDecision]
    ) -> dict[str, EditResult]:
        """Make objects of pending suggestions.

        Raises:
            ReviewedMeanwhile: one of them is not pending any more.
        """
        if not pending:
            return {}
        medium = await self._media.find(asked.media_id)
        inside = [within_medium(one, medium.frame_count if medium else None) for one in pending]
        acceptances = await self._acceptances(asked, inside, decisions)
        results: dict[str, EditResult] = {}
        for chunk in chunks([one.edit for one in acceptances.values()], EDITS_PER_BATCH, KEYFRAMES_PER_BATCH):
            batch = Batch(asked.project_id, asked.media_id, chunk, asked.author, asked.session, rules=asked.rules)

            async def mark(session: Any, made: Sequence[EditResult], edits: list[Create] = chunk) -> None:
                applied = [edit for edit, result in zip(edits, made, strict=True) if _is_there(result)]
                reviews = [acceptances[edit.object].reviewed for edit in applied]
                await self._suggestions.mark(session, asked.project_id, reviews)

            made = await self._editing.apply(batch, extra_writes=mark)
            for edit, result in zip(chunk, made, strict=True):
                results[edit.object] = result.model_copy(update={"id": edit.object})
        return results

    async def _acceptances(
        self, asked: ReviewSuggestions, pending: Sequence[PendingSuggestion], decisions: dict[str, ReviewDecision]
    ) -> dict[str, _Acceptance]:
        proposed = await self._proposed(asked.project_id, {one.label for one in pending})
        missions = await self._ontologies.missions(asked.project_id)
        made: dict[str, _Acceptance] = {}
        for one in pending:
            decision, meant = decisions[one.id], proposed[one.label]
            object_class = _chosen(missions, decision, one, meant)
            reviewed = Reviewed(one, review_of(one, decision, object_class, meant), asked.author, self._clock())
            made[one.id] = _Acceptance(accepted(one, decision, object_class), reviewed)
        return made

    async def _proposed(self, project_id: str, labels: set[str]) -> dict[str, ObjectClass]:
        """The classes that labels mean: a category of that name, otherwise one of the detection mission."""
        missions = await self._ontologies.missions(project_id)
        known = {label: class_of_label(missions, project_id, label) for label in labels}
        unknown = [label for label, object_class in known.items() if object_class is None]
        if unknown:
            detection = await self._ontologies.ensure_categories(project_id, unknown)
            known |= {label: class_of_label([detection], project_id, label) for label in unknown}
        return {label: object_class for label, object_class in known.items() if object_class is not None}


def _chosen(
    missions: Sequence[Mission], decision: ReviewDecision, suggestion: PendingSuggestion, meant: ObjectClass
) -> ObjectClass:
    """The class that a person chose for a suggestion; an unknown one is refused with the edit."""
    if decision.mission is None and decision.category is None:
        return meant._replace(type=decision.type)
    category = decision.category if decision.category is not None else suggestion.label
    object_class = resolve_class(missions, decision.mission, category)
    return (object_class or ObjectClass(decision.mission or meant.mission, category))._replace(type=decision.type)


def _is_there(result: EditResult) -> bool:
    return result.status in ("applied", "duplicate")


def _unknown(suggestion: str) -> EditResult:
    return EditResult(id=suggestion, status="refused", reason=reason_for("suggestion_not_in_medium"))


def _in_order(decisions: Sequence[ReviewDecision], results: dict[str, EditResult]) -> list[EditResult]:
    """A result for each decision; a repeated one is a duplicate."""
    answers: list[EditResult] = []
    seen: set[str] = set()
    for decision in decisions:
        result = results[decision.suggestion]
        if decision.suggestion in seen and result.status == "applied":
            result = result.model_copy(update={"status": "duplicate"})
        seen.add(decision.suggestion)
        answers.append(result)
    return answers
