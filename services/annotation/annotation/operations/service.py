"""Use cases on many objects, in batches of one transaction each. A repeated operation resumes where it stopped."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

from annotation.domain.batch import Batch
from annotation.domain.operations import (
    ObjectVersion,
    OperationReport,
    chunks,
    edit_each,
    parse_bulk_change,
    restore_edits,
    revert_edits,
)
from annotation.domain.tracks import span_of
from annotation.history.repository import HistoryRepository, PastChange, PastObject
from annotation.objects.repository import ObjectRepository
from annotation.objects.service import EditService
from common.contract.edits import Edit, Rules
from common.contract.questions import EditSelection, OperationResult, RestoreMoment, Selection, UndoEdits

_CHANGES_PER_PAGE = 200
_NO_RULES = Rules()
Operation = EditSelection | RestoreMoment | UndoEdits


@dataclass(frozen=True, slots=True)
class OperationService:
    """Edits selections, restores earlier states, and undoes the last operations of a user."""

    editing: EditService
    objects: ObjectRepository
    history: HistoryRepository

    async def edit_selection(self, question: EditSelection) -> OperationResult:
        """Make one change to every object of a selection.

        Raises:
            Problem: The change cannot be made to several objects.
        """
        change = parse_bulk_change(question.change)
        done = await self._done(question)
        selected = await self.objects.selected(question.project_id, question.media_id, question.selection)
        remaining = {object_id: revision for object_id, revision in selected.items() if object_id not in done}
        report = OperationReport(question.operation, len(done))
        for edits in chunks(edit_each(change, remaining, question.operation)):
            await self._apply(question, edits, report, rules=question.rules)
        return report.result()

    async def restore(self, question: RestoreMoment) -> OperationResult:
        """Restore the objects that are on the frames now or were at that time."""
        done = await self._done(question)
        keys = await self.history.keys_at(question.media_id, question.at)
        revisions = {key.object_id: key.revision for key in keys}
        now = await self.objects.versions(question.media_id)
        changed = {
            object_id: version
            for object_id, version in now.items()
            if version.revision != revisions.get(object_id) and object_id not in done
        }
        before = await self._before(question, [key.id for key in keys if key.object_id in changed])
        frames = Selection(first=question.first, last=question.last)
        on_frames = await self.objects.selected(question.project_id, question.media_id, frames)
        span = span_of(question.first, question.last)
        past_ids = {past.object_id for past in before if not past.deleted and past.is_on(span)}
        affected = {
            object_id: changed[object_id] for object_id in changed if object_id in past_ids or object_id in on_frames
        }
        versions = {past.object_id: ObjectVersion(past.revision, past.deleted) for past in before}
        report = OperationReport(question.operation, len(done))
        for edits in chunks(restore_edits(versions, affected, question.operation)):
            await self._apply(question, edits, report)
        return report.result()

    async def _before(self, question: RestoreMoment, keys: list[str]) -> list[PastObject]:
        return [past async for past in self.history.states(question.project_id, keys)]

    async def undo(self, question: UndoEdits) -> OperationResult:
        """Undo the last operations of a user that are not undone yet, latest first. Each is undone completely or, if
        others changed the same fields since, not at all. An undo itself is never undone."""
        done = await self.history.of_operation(question.media_id, question.author, question.operation)
        undone = await self.history.operations_reverted_by(done)
        report = OperationReport(question.operation, len(done))
        for changes in await self._operations_to_undo(question, question.count - len(undone)):
            now = await self.objects.versions(question.media_id, {change.object_id for change in changes})
            reverted = ((change.object_id, change.revision) for change in changes)
            for edits in chunks(revert_edits(reverted, now, question.operation)):
                if not await self._apply(question, edits, report, atomic=True):
                    break
        return report.result()

    async def _operations_to_undo(self, question: UndoEdits, count: int) -> list[list[PastChange]]:
        """The changes of the last operations of a user that are not undone yet."""
        operations: dict[str, list[PastChange]] = {}
        latest = self.history.by_author(question.media_id, question.of, question.of_session)
        async for page in paged(latest, _CHANGES_PER_PAGE):
            reverted = await self.history.reverted([change.id for change in page])
            for change in page:
                if len(operations) >= count:
                    return list(operations.values())
                if change.id not in reverted and change.operation not in operations:
                    operations[change.operation] = await self._not_reverted(question, change.operation)
        return list(operations.values())

    async def _not_reverted(self, question: UndoEdits, operation: str) -> list[PastChange]:
        changes = await self.history.of_operation(question.media_id, question.of, operation)
        reverted = await self.history.reverted([change.id for change in changes])
        return [change for change in changes if change.id not in reverted]

    async def _done(self, question: EditSelection | RestoreMoment) -> set[str]:
        """The objects that an earlier run of the operation has changed."""
        done = await self.history.of_operation(question.media_id, question.author, question.operation)
        return {change.object_id for change in done}

    async def _apply(
        self,
        question: Operation,
        edits: Sequence[Edit],
        report: OperationReport,
        *,
        atomic: bool = False,
        rules: Rules = _NO_RULES,
    ) -> bool:
        """Apply some of the edits, and return whether all were applied."""
        batch = Batch(
            project_id=question.project_id,
            media_id=question.media_id,
            edits=edits,
            author=question.author,
            session=question.session,
            atomic=atomic,
            rules=rules,
        )
        results = await self.editing.apply(batch)
        applied = [report.add(edit.object, result) for edit, result in zip(edits, results, strict=True)]
        return all(applied)


async def paged(items: AsyncIterator[PastChange], size: int) -> AsyncIterator[list[PastChange]]:
    """Items in lists of at most `size`."""
    page: list[PastChange] = []
    async for item in items:
        page.append(item)
        if len(page) == size:
            yield page
            page = []
    if page:
        yield page
