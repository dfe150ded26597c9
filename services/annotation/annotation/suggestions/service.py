"""Use cases of reviewing suggestions. Accepting one is an edit, in the same transaction as the review."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
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

# Keeps a transaction well below its maximum lifetime of one minute.
KEYFRAMES_PER_BATCH = 20_000
EDITS_PER_BATCH = 500
_ATTEMPTS = 5


class _Acceptance(NamedTuple):
    """The edit that accepts a suggestion, and the resulting review."""

    edit: Create
    reviewed: Reviewed


@dataclass(frozen=True, slots=True)
class ReviewService:
    """Accepts and rejects suggestions, each once."""

    suggestions: SuggestionRepository
    editing: EditService
    objects: ObjectRepository
    media: MediaRepository
    ontologies: OntologyService
    wake_outbox: Callable[[], None]
    clock: Callable[[], float] = time.time

    async def review(self, question: ReviewSuggestions) -> list[EditResult]:
        """The result of each decision, in order. For two decisions on the same suggestion, the first one counts.

        Raises:
            Problem: The medium cannot be labeled, or the same suggestions are repeatedly reviewed by others.
        """
        decisions = {decision.suggestion: decision for decision in reversed(question.decisions)}
        for _ in range(_ATTEMPTS):
            try:
                results = await self._review(question, decisions)
            except ReviewedMeanwhile:
                continue
            self.wake_outbox()
            return _in_order(question.decisions, results)
        raise Problem("suggestions_reviewed_meanwhile")

    async def _review(self, question: ReviewSuggestions, decisions: dict[str, ReviewDecision]) -> dict[str, EditResult]:
        stored = await self.suggestions.find(question.project_id, question.media_id, decisions.keys())
        results = {missing: _unknown(missing) for missing in decisions.keys() - stored.keys()}
        results |= await self._earlier(
            [suggestion for suggestion in stored.values() if suggestion.review != "pending"], decisions
        )
        pending = [suggestion for suggestion in stored.values() if suggestion.review == "pending"]
        results |= await self._reject(
            question, [suggestion for suggestion in pending if not decisions[suggestion.id].accept]
        )
        results |= await self.accept(
            question, [suggestion for suggestion in pending if decisions[suggestion.id].accept], decisions
        )
        return results

    async def _earlier(
        self, reviewed: Sequence[PendingSuggestion], decisions: dict[str, ReviewDecision]
    ) -> dict[str, EditResult]:
        """The results for suggestions that were already reviewed, with their objects."""
        states = await self.objects.find(
            [suggestion.object_id for suggestion in reviewed if suggestion.object_id is not None]
        )
        return {
            suggestion.id: repeated_review(decisions[suggestion.id], suggestion, states.get(suggestion.object_id or ""))
            for suggestion in reviewed
        }

    async def _reject(self, question: ReviewSuggestions, pending: Sequence[PendingSuggestion]) -> dict[str, EditResult]:
        reviews = [Reviewed(suggestion, "rejected", question.author, self.clock()) for suggestion in pending]
        if reviews:
            await self.suggestions.reject(question.project_id, reviews)
        return {suggestion.id: EditResult(id=suggestion.id, status="applied") for suggestion in pending}

    async def accept(
        self, question: ReviewSuggestions, pending: Sequence[PendingSuggestion], decisions: dict[str, ReviewDecision]
    ) -> dict[str, EditResult]:
        """Create objects from pending suggestions.

        Raises:
            ReviewedMeanwhile: One of the suggestions is no longer pending.
        """
        if not pending:
            return {}
        medium = await self.media.find(question.media_id)
        clipped = [within_medium(suggestion, medium.frame_count if medium else None) for suggestion in pending]
        acceptances = await self._acceptances(question, clipped, decisions)
        results: dict[str, EditResult] = {}
        for chunk in chunks(
            [acceptance.edit for acceptance in acceptances.values()], EDITS_PER_BATCH, KEYFRAMES_PER_BATCH
        ):
            batch = Batch(
                question.project_id, question.media_id, chunk, question.author, question.session, rules=question.rules
            )

            async def mark(session: Any, edit_results: Sequence[EditResult], edits: list[Create] = chunk) -> None:
                applied = [edit for edit, result in zip(edits, edit_results, strict=True) if _was_applied(result)]
                reviews = [acceptances[edit.object].reviewed for edit in applied]
                await self.suggestions.mark(session, question.project_id, reviews)

            edit_results = await self.editing.apply(batch, extra_writes=mark)
            for edit, result in zip(chunk, edit_results, strict=True):
                results[edit.object] = result.model_copy(update={"id": edit.object})
        return results

    async def _acceptances(
        self, question: ReviewSuggestions, pending: Sequence[PendingSuggestion], decisions: dict[str, ReviewDecision]
    ) -> dict[str, _Acceptance]:
        proposed = await self._suggested_classes(question.project_id, {suggestion.label for suggestion in pending})
        missions = await self.ontologies.missions(question.project_id)
        acceptances: dict[str, _Acceptance] = {}
        for suggestion in pending:
            decision, suggested = decisions[suggestion.id], proposed[suggestion.label]
            object_class = _chosen(missions, decision, suggestion, suggested)
            reviewed = Reviewed(
                suggestion, review_of(suggestion, decision, object_class, suggested), question.author, self.clock()
            )
            acceptances[suggestion.id] = _Acceptance(accepted(suggestion, decision, object_class), reviewed)
        return acceptances

    async def _suggested_classes(self, project_id: str, labels: set[str]) -> dict[str, ObjectClass]:
        """The classes for labels: a category of that name, otherwise one of the detection mission."""
        missions = await self.ontologies.missions(project_id)
        known = {label: class_of_label(missions, project_id, label) for label in labels}
        unknown = [label for label, object_class in known.items() if object_class is None]
        if unknown:
            detection = await self.ontologies.ensure_categories(project_id, unknown)
            known |= {label: class_of_label([detection], project_id, label) for label in unknown}
        return {label: object_class for label, object_class in known.items() if object_class is not None}


def _chosen(
    missions: Sequence[Mission], decision: ReviewDecision, suggestion: PendingSuggestion, suggested: ObjectClass
) -> ObjectClass:
    """The class chosen for a suggestion. An unknown class is refused with the edit."""
    if decision.mission is None and decision.category is None:
        return suggested._replace(type=decision.type)
    category = decision.category if decision.category is not None else suggestion.label
    object_class = resolve_class(missions, decision.mission, category)
    return (object_class or ObjectClass(decision.mission or suggested.mission, category))._replace(type=decision.type)


def _was_applied(result: EditResult) -> bool:
    return result.status in ("applied", "duplicate")


def _unknown(suggestion: str) -> EditResult:
    return EditResult(id=suggestion, status="refused", reason=reason_for("suggestion_not_in_medium"))


def _in_order(decisions: Sequence[ReviewDecision], results: dict[str, EditResult]) -> list[EditResult]:
    """A result for each decision. A repeated decision is a duplicate."""
    answers: list[EditResult] = []
    seen: set[str] = set()
    for decision in decisions:
        result = results[decision.suggestion]
        if decision.suggestion in seen and result.status == "applied":
            result = result.model_copy(update={"status": "duplicate"})
        seen.add(decision.suggestion)
        answers.append(result)
    return answers
