"""What people say of suggestions: accepting is an edit, in the same transaction as the review."""

import time
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from annotation.domain.batch import Batch
from annotation.domain.object_class import Kind, kind_named, kind_of_label
from annotation.domain.suggestions import accepted, chunks, once_more, review_of, within_medium
from annotation.media.repository import MediaStore
from annotation.missions.repository import MissionStore
from annotation.objects.documents import unpack_state
from annotation.objects.repository import LabelStore
from annotation.suggestions.repository import Reviewed, ReviewedMeanwhile, SuggestionStore
from annotation.transaction import in_transaction
from common.contract.edits import Create, EditResult
from common.contract.labels import ObjectState
from common.contract.missions import Mission
from common.contract.questions import PendingSuggestion, ReviewDecision, ReviewSuggestions
from common.service.errors import Problem
from common.storage.mongo import Database

# What one transaction writes stays far below its lifetime of a minute.
KEYFRAMES_AT_ONCE = 20_000
EDITS_AT_ONCE = 500
_ATTEMPTS = 5


class _Acceptance(NamedTuple):
    """The edit that accepts a suggestion, and the review that it makes."""

    edit: Create
    reviewed: Reviewed


class Reviews:
    """Accepts and rejects suggestions, each once."""

    def __init__(
        self,
        database: Database,
        suggestions: SuggestionStore,
        labels: LabelStore,
        media: MediaStore,
        missions: MissionStore,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._client = database.client
        self._objects = database.objects
        self._suggestions = suggestions
        self._labels = labels
        self._media = media
        self._missions = missions
        self._clock = clock

    async def review(self, asked: ReviewSuggestions) -> list[EditResult]:
        """What became of each verdict, in order; of two on the same suggestion, the first one holds.

        Raises:
            Problem: the medium cannot be labeled, or others keep reviewing the same suggestions.
        """
        verdicts = {verdict.suggestion: verdict for verdict in reversed(asked.verdicts)}
        for _ in range(_ATTEMPTS):
            try:
                results = await self._review(asked, verdicts)
            except ReviewedMeanwhile:
                continue
            return _in_order(asked.verdicts, results)
        raise Problem(409, "Reviewed meanwhile", "Others are reviewing the same suggestions; try again.")

    async def _review(self, asked: ReviewSuggestions, verdicts: dict[str, ReviewDecision]) -> dict[str, EditResult]:
        found = await self._suggestions.find(asked.project_id, asked.media_id, verdicts.keys())
        results = {missing: _unknown(missing) for missing in verdicts.keys() - found.keys()}
        results |= await self._earlier([one for one in found.values() if one.review != "pending"], verdicts)
        pending = [one for one in found.values() if one.review == "pending"]
        results |= await self._reject(asked, [one for one in pending if not verdicts[one.id].accept])
        results |= await self._accept(asked, [one for one in pending if verdicts[one.id].accept], verdicts)
        return results

    async def _earlier(
        self, reviewed: Sequence[PendingSuggestion], verdicts: dict[str, ReviewDecision]
    ) -> dict[str, EditResult]:
        """The answers for suggestions that were reviewed before, with the objects that they are."""
        ids = [one.object_id for one in reviewed if one.object_id is not None]
        states: dict[str, ObjectState] = {}
        if ids:
            async for document in self._objects.find({"_id": {"$in": ids}}, {"state": 1}):
                states[document["_id"]] = unpack_state(document)
        return {one.id: once_more(verdicts[one.id], one, states.get(one.object_id or "")) for one in reviewed}

    async def _reject(self, asked: ReviewSuggestions, pending: Sequence[PendingSuggestion]) -> dict[str, EditResult]:
        reviews = [Reviewed(one, "rejected", asked.author, self._clock()) for one in pending]
        if reviews:
            await in_transaction(
                self._client, lambda session: self._suggestions.mark(session, asked.project_id, reviews)
            )
        return {one.id: EditResult(id=one.id, status="applied") for one in pending}

    async def _accept(
        self, asked: ReviewSuggestions, pending: Sequence[PendingSuggestion], verdicts: dict[str, ReviewDecision]
    ) -> dict[str, EditResult]:
        if not pending:
            return {}
        medium = await self._media.find(asked.media_id)
        inside = [within_medium(one, medium.frame_count if medium else None) for one in pending]
        acceptances = await self._acceptances(asked, inside, verdicts)
        results: dict[str, EditResult] = {}
        for chunk in chunks([one.edit for one in acceptances.values()], EDITS_AT_ONCE, KEYFRAMES_AT_ONCE):
            batch = Batch(asked.project_id, asked.media_id, chunk, asked.author, asked.session, rules=asked.rules)

            async def mark(session: Any, made: Sequence[EditResult], edits: list[Create] = chunk) -> None:
                applied = [edit for edit, result in zip(edits, made, strict=True) if _is_there(result)]
                reviews = [acceptances[edit.object].reviewed for edit in applied]
                await self._suggestions.mark(session, asked.project_id, reviews)

            made = await self._labels.apply(batch, also=mark)
            for edit, result in zip(chunk, made, strict=True):
                results[edit.object] = result.model_copy(update={"id": edit.object})
        return results

    async def _acceptances(
        self, asked: ReviewSuggestions, pending: Sequence[PendingSuggestion], verdicts: dict[str, ReviewDecision]
    ) -> dict[str, _Acceptance]:
        proposed = await self._proposed(asked.project_id, {one.label for one in pending})
        missions = await self._missions.of_project(asked.project_id)
        made: dict[str, _Acceptance] = {}
        for one in pending:
            verdict, meant = verdicts[one.id], proposed[one.label]
            kind = _chosen(missions, verdict, one, meant)
            reviewed = Reviewed(one, review_of(one, verdict, kind, meant), asked.author, self._clock())
            made[one.id] = _Acceptance(accepted(one, verdict, kind), reviewed)
        return made

    async def _proposed(self, project_id: str, labels: set[str]) -> dict[str, Kind]:
        """What labels mean: a category that is called so, else one of the mission that detectors fill."""
        missions = await self._missions.of_project(project_id)
        known = {label: kind_of_label(missions, project_id, label) for label in labels}
        unknown = [label for label, kind in known.items() if kind is None]
        if unknown:
            detection = await self._missions.detecting(project_id, unknown)
            known |= {label: kind_of_label([detection], project_id, label) for label in unknown}
        return {label: kind for label, kind in known.items() if kind is not None}


def _chosen(missions: Sequence[Mission], verdict: ReviewDecision, suggestion: PendingSuggestion, meant: Kind) -> Kind:
    """What a person says that a suggestion is; what is not there is refused with the edit, in words."""
    if verdict.mission is None and verdict.category is None:
        return meant._replace(type=verdict.type)
    category = verdict.category if verdict.category is not None else suggestion.label
    kind = kind_named(missions, verdict.mission, category)
    return (kind or Kind(verdict.mission or meant.mission, category))._replace(type=verdict.type)


def _is_there(result: EditResult) -> bool:
    return result.status in ("applied", "duplicate")


def _unknown(suggestion: str) -> EditResult:
    return EditResult(id=suggestion, status="refused", reason="There is no such suggestion for this medium.")


def _in_order(verdicts: Sequence[ReviewDecision], results: dict[str, EditResult]) -> list[EditResult]:
    """An answer for each verdict; one that comes again is a duplicate."""
    answers: list[EditResult] = []
    seen: set[str] = set()
    for verdict in verdicts:
        result = results[verdict.suggestion]
        if verdict.suggestion in seen and result.status == "applied":
            result = result.model_copy(update={"status": "duplicate"})
        seen.add(verdict.suggestion)
        answers.append(result)
    return answers
