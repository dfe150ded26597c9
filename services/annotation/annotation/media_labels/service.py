"""Use cases of labels of whole media: changing those of many media by ordinary edits of each."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from annotation.domain.batch import Batch
from annotation.domain.errors import EditRefused
from annotation.domain.media_labels import Labels, add_label, make_default, reclassify, remove_label
from annotation.domain.object_class import ObjectClass
from annotation.domain.operations import OperationReport
from annotation.domain.reclassification import Reclassification
from annotation.domain.tracks import Span
from annotation.media.repository import MediaRepository, StoredMedium
from annotation.media_labels.repository import MEDIA_PER_PAGE, MediaLabelRepository
from annotation.objects.by_class import ObjectsByClass
from annotation.objects.service import EditService
from common.contract.edits import Edit, EditResult
from common.contract.errors import Problem, reason_for
from common.contract.labels import ObjectState
from common.contract.questions import LabelMedia, OperationResult, SyncLabels

_CONCURRENT_MEDIA = 8
# The labels of a medium may change between reading and writing them.
_ATTEMPTS = 3
Plan = Callable[[Labels], list[Edit]]


@dataclass(frozen=True, slots=True)
class Operation:
    """A change of the labels of many media, and its author."""

    project_id: str
    id: str
    author: str
    session: str | None = None


@dataclass(frozen=True, slots=True)
class MediaLabelService:
    """Adds and removes labels of whole media, and chooses default labels."""

    labels: MediaLabelRepository
    objects: ObjectsByClass
    media: MediaRepository
    editing: EditService

    async def label(self, question: LabelMedia, label: ObjectClass) -> OperationResult:
        """Add a label, remove it or make it the default, on the requested media or on all that have it."""
        spans = [Span(*span) for span in question.spans] if question.spans is not None else None
        plans: dict[str, Plan] = {
            "add": lambda labels: add_label(labels, [label], spans, question.operation),
            "remove": lambda labels: remove_label(labels, label, spans, question.operation),
            "make_default": lambda labels: make_default(labels, label, question.operation),
        }
        operation = Operation(question.project_id, question.operation, question.author, question.session)
        report = OperationReport(operation.id)
        pages = self.labels.media_with(question.project_id, label) if question.media is None else _pages(question.media)
        async for media_ids in pages:
            remaining = await self._remaining(operation, dict.fromkeys(media_ids, plans[question.action]), report)
            await self._apply_all(operation, remaining, report)
        return report.result()

    async def sync(self, question: SyncLabels) -> OperationResult:
        """Label media with the categories of the objects on them."""
        operation = Operation(question.project_id, question.operation, question.author, question.session)
        report = OperationReport(operation.id)
        pages = self.labels.media_of(question.project_id) if question.media is None else _pages(question.media)
        async for media_ids in pages:
            classes = await self.objects.classes_on(question.project_id, media_ids)
            plans = {
                media_id: _plan_adding(classes[media_id], operation) for media_id in media_ids if media_id in classes
            }
            await self._apply_all(operation, await self._remaining(operation, plans, report), report)
        return report.result()

    async def reclassify(self, operation: Operation, moves: Mapping[str, Sequence[Reclassification]]) -> int:
        """Replace labels as defined in `moves` for each medium; returns the number of applied edits."""
        report = OperationReport(operation.id)
        plans = {media_id: _plan_reclassifying(of_medium, operation) for media_id, of_medium in moves.items()}
        await self._apply_all(operation, plans, report)
        return report.applied

    async def _remaining(
        self, operation: Operation, plans: Mapping[str, Plan], report: OperationReport
    ) -> dict[str, Plan]:
        """The plans of media that an earlier run of the operation has not changed; its changes count as applied."""
        done = await self.labels.changes_by(operation.id, list(plans))
        report.applied += sum(done.values())
        return {media_id: plan for media_id, plan in plans.items() if media_id not in done}

    async def _apply_all(self, operation: Operation, plans: Mapping[str, Plan], report: OperationReport) -> None:
        """Plan and apply the edits of some media, several media concurrently."""
        media = await self.media.find_all(set(plans))
        states = await self.labels.read(list(plans))
        slots = asyncio.Semaphore(_CONCURRENT_MEDIA)

        async def apply(media_id: str) -> None:
            async with slots:
                medium = media.get(media_id)
                if medium is None or medium.deleted or medium.project_id != operation.project_id:
                    report.refuse(media_id, reason_for("medium_not_found"))
                elif not medium.frames_so_far:
                    report.refuse(media_id, reason_for("medium_not_ready"))
                else:
                    labels = _labels(media_id, medium, states.get(media_id, []))
                    await self._apply_to_medium(operation, labels, plans[media_id], report)

        await asyncio.gather(*map(apply, plans))

    async def _apply_to_medium(self, operation: Operation, labels: Labels, plan: Plan, report: OperationReport) -> None:
        for attempt in range(_ATTEMPTS):
            try:
                results = await self._apply(operation, labels.media_id, plan(labels))
            except (EditRefused, Problem) as error:
                report.refuse(labels.media_id, error.reason)
                return
            done = [result for result in results if result.status in ("applied", "duplicate")]
            is_final = attempt == _ATTEMPTS - 1 or len(done) == len(results)
            for result in results if is_final else done:
                report.add(labels.media_id, result)
            if is_final:
                return
            states = (await self.labels.read([labels.media_id])).get(labels.media_id, [])
            labels = replace(labels, states={state.id: state for state in states})

    async def _apply(self, operation: Operation, media_id: str, edits: list[Edit]) -> list[EditResult]:
        if not edits:
            return []
        batch = Batch(operation.project_id, media_id, edits, operation.author, operation.session)
        return await self.editing.apply(batch)


def _labels(media_id: str, medium: StoredMedium, states: Sequence[ObjectState]) -> Labels:
    by_id = {state.id: state for state in states}
    return Labels(media_id, by_id, medium.frames_so_far, complete=medium.frame_count is not None)


def _plan_adding(classes: set[ObjectClass], operation: Operation) -> Plan:
    return lambda labels: add_label(labels, classes, None, operation.id)


def _plan_reclassifying(moves: Sequence[Reclassification], operation: Operation) -> Plan:
    def plan(labels: Labels) -> list[Edit]:
        return [edit for move in moves for edit in reclassify(labels, move.before, move.after, operation.id)]

    return plan


async def _pages(media_ids: Sequence[str]) -> AsyncIterator[list[str]]:
    unique = list(dict.fromkeys(media_ids))
    for begin in range(0, len(unique), MEDIA_PER_PAGE):
        yield unique[begin : begin + MEDIA_PER_PAGE]
