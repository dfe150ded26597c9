"""Use cases on many objects, in batches of one transaction each. A repeated operation continues where it stopped."""

from collections.abc import AsyncIterator, Sequence

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


class OperationService:
    """Edits selections, restores moments and undoes what a person did last."""

    def __init__(self, editing: EditService, objects: ObjectRepository, history: HistoryRepository) -> None:
        self._editing = editing
        self._objects = objects
        self._history = history

    async def edit_selection(self, asked: EditSelection) -> OperationResult:
        """Make one change to every object of a selection.

        Raises:
            Problem: the change cannot be made to several objects.
        """
        change = parse_bulk_change(asked.change)
        done = await self._done(asked)
        selected = await self._objects.selected(asked.project_id, asked.media_id, asked.selection)
        left = {one: revision for one, revision in selected.items() if one not in done}
        report = OperationReport(asked.operation, len(done))
        for edits in chunks(edit_each(change, left, asked.operation)):
            await self._apply(asked, edits, report, rules=asked.rules)
        return report.result()

    async def restore(self, asked: RestoreMoment) -> OperationResult:
        """Restore the objects that are on the frames now or were at the moment."""
        done = await self._done(asked)
        keys = await self._history.keys_at(asked.media_id, asked.at)
        revisions = {key.object_id: key.revision for key in keys}
        now = await self._objects.versions(asked.media_id)
        changed = {
            one: version for one, version in now.items() if version.revision != revisions.get(one) and one not in done
        }
        before = await self._before(asked, [key.id for key in keys if key.object_id in changed])
        frames = Selection(first=asked.first, last=asked.last)
        on_frames = await self._objects.selected(asked.project_id, asked.media_id, frames)
        span = span_of(asked.first, asked.last)
        were_on = {one.object_id for one in before if not one.deleted and one.is_on(span)}
        concerned = {one: version for one, version in changed.items() if one in were_on or one in on_frames}
        versions = {one.object_id: ObjectVersion(one.revision, one.deleted) for one in before}
        report = OperationReport(asked.operation, len(done))
        for edits in chunks(restore_edits(versions, concerned, asked.operation)):
            await self._apply(asked, edits, report)
        return report.result()

    async def _before(self, asked: RestoreMoment, keys: list[str]) -> list[PastObject]:
        return [then async for then in self._history.states(asked.project_id, keys)]

    async def undo(self, asked: UndoEdits) -> OperationResult:
        """Undo the last operations of a person that are not undone yet, latest first. Each is undone completely or,
        where others changed the same fields since, not at all. An undo itself is never undone."""
        done = await self._history.of_operation(asked.media_id, asked.author, asked.operation)
        undone = await self._history.operations_reverted_by(done)
        report = OperationReport(asked.operation, len(done))
        for changes in await self._operations_to_undo(asked, asked.count - len(undone)):
            now = await self._objects.versions(asked.media_id, {change.object_id for change in changes})
            reverted = ((change.object_id, change.revision) for change in changes)
            for edits in chunks(revert_edits(reverted, now, asked.operation)):
                if not await self._apply(asked, edits, report, atomic=True):
                    break
        return report.result()

    async def _operations_to_undo(self, asked: UndoEdits, count: int) -> list[list[PastChange]]:
        """The changes of the last operations of a person that are not undone yet."""
        operations: dict[str, list[PastChange]] = {}
        latest = self._history.by_author(asked.media_id, asked.of, asked.of_session)
        async for page in paged(latest, _CHANGES_PER_PAGE):
            reverted = await self._history.reverted([change.id for change in page])
            for change in page:
                if len(operations) >= count:
                    return list(operations.values())
                if change.id not in reverted and change.operation not in operations:
                    operations[change.operation] = await self._not_reverted(asked, change.operation)
        return list(operations.values())

    async def _not_reverted(self, asked: UndoEdits, operation: str) -> list[PastChange]:
        changes = await self._history.of_operation(asked.media_id, asked.of, operation)
        reverted = await self._history.reverted([change.id for change in changes])
        return [change for change in changes if change.id not in reverted]

    async def _done(self, asked: EditSelection | RestoreMoment) -> set[str]:
        """The objects that an earlier run of the operation has changed."""
        done = await self._history.of_operation(asked.media_id, asked.author, asked.operation)
        return {change.object_id for change in done}

    async def _apply(
        self,
        asked: Operation,
        edits: Sequence[Edit],
        report: OperationReport,
        *,
        atomic: bool = False,
        rules: Rules = _NO_RULES,
    ) -> bool:
        """Apply some of the edits; whether all were applied."""
        batch = Batch(
            project_id=asked.project_id,
            media_id=asked.media_id,
            edits=edits,
            author=asked.author,
            session=asked.session,
            atomic=atomic,
            rules=rules,
        )
        results = await self._editing.apply(batch)
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
