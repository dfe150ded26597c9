"""Acts on many objects of a medium: chunk by chunk, each a transaction; one that was interrupted goes on where it was
when it is asked for again."""

from collections.abc import AsyncIterator, Sequence

from annotation.domain.batch import Batch
from annotation.domain.operations import Now, Tally, bringing_back, change_of_many, chunks, on_each, taking_back
from annotation.domain.tracks import span_of
from annotation.history.repository import Done, HistoryStore, Then
from annotation.objects.documents import revision_of
from annotation.objects.repository import LabelStore
from common.contract.edits import Edit, Rules
from common.contract.questions import EditSelection, OperationResult, RestoreMoment, Selection, UndoEdits

_CHANGES_AT_ONCE = 200
_AS_IT_IS = Rules()
Asked = EditSelection | RestoreMoment | UndoEdits


class Operations:
    """Edits selections, brings back moments, takes back what a person did last."""

    def __init__(self, labels: LabelStore, history: HistoryStore) -> None:
        self._labels = labels
        self._history = history

    async def edit(self, asked: EditSelection) -> OperationResult:
        """Make one change to every object of a selection.

        Raises:
            Problem: the change is none that can be made to many objects.
        """
        change = change_of_many(asked.change)
        done = await self._done(asked)
        selected = await self._labels.selected(asked.project_id, asked.media_id, asked.selection)
        left = {one: revision for one, revision in selected.items() if one not in done}
        tally = Tally(asked.operation, len(done))
        for edits in chunks(on_each(change, left, asked.operation)):
            await self._apply(asked, edits, tally, rules=asked.rules)
        return tally.result()

    async def restore(self, asked: RestoreMoment) -> OperationResult:
        """Bring objects back to what they were at a moment: those that were on the frames then, or are now."""
        done = await self._done(asked)
        keys = await self._history.keys_at(asked.media_id, asked.at)
        then = dict(map(revision_of, keys))
        now = await self._labels.now(asked.media_id)
        changed = {one: is_now for one, is_now in now.items() if is_now.revision != then.get(one) and one not in done}
        before = await self._before(asked, [key for key in keys if revision_of(key)[0] in changed])
        on_frames = await self._labels.selected(
            asked.project_id, asked.media_id, Selection(first=asked.first, last=asked.last)
        )
        frames = span_of(asked.first, asked.last)
        were_on = {one.object_id for one in before if not one.deleted and one.is_on(frames)}
        concerned = {one: is_now for one, is_now in changed.items() if one in were_on or one in on_frames}
        states = {one.object_id: Now(one.revision, one.deleted) for one in before}
        tally = Tally(asked.operation, len(done))
        for edits in chunks(bringing_back(states, concerned, asked.operation)):
            await self._apply(asked, edits, tally)
        return tally.result()

    async def _before(self, asked: RestoreMoment, keys: list[str]) -> list[Then]:
        return [then async for then in self._history.states(asked.project_id, keys)]

    async def undo(self, asked: UndoEdits) -> OperationResult:
        """Take back the last acts of a person that are not taken back yet, the latest first. Each is taken back as a
        whole or, where others changed since what it did, not at all; an undo is no act that is taken back."""
        done = await self._history.of_operation(asked.media_id, asked.author, asked.operation)
        undone = await self._history.acts_reverted_by(done)
        tally = Tally(asked.operation, len(done))
        for changes in await self._acts(asked, asked.count - len(undone)):
            now = await self._labels.now(asked.media_id, {change.object_id for change in changes})
            reverted = ((change.object_id, change.revision) for change in changes)
            for edits in chunks(taking_back(reverted, now, asked.operation)):
                if not await self._apply(asked, edits, tally, atomic=True):
                    break
        return tally.result()

    async def _acts(self, asked: UndoEdits, count: int) -> list[list[Done]]:
        """What the last acts of a person did that is not taken back yet."""
        acts: dict[str, list[Done]] = {}
        latest = self._history.by(asked.media_id, asked.of, asked.of_session)
        async for page in paged(latest, _CHANGES_AT_ONCE):
            taken_back = await self._history.taken_back([change.id for change in page])
            for change in page:
                if len(acts) >= count:
                    return list(acts.values())
                if change.id not in taken_back and change.operation not in acts:
                    acts[change.operation] = await self._left_of(asked, change.operation)
        return list(acts.values())

    async def _left_of(self, asked: UndoEdits, operation: str) -> list[Done]:
        changes = await self._history.of_operation(asked.media_id, asked.of, operation)
        taken_back = await self._history.taken_back([change.id for change in changes])
        return [change for change in changes if change.id not in taken_back]

    async def _done(self, asked: EditSelection | RestoreMoment) -> set[str]:
        """The objects that were changed when the same was asked for before."""
        done = await self._history.of_operation(asked.media_id, asked.author, asked.operation)
        return {change.object_id for change in done}

    async def _apply(
        self, asked: Asked, edits: Sequence[Edit], tally: Tally, *, atomic: bool = False, rules: Rules = _AS_IT_IS
    ) -> bool:
        """Apply some of the edits; whether all of them were."""
        batch = Batch(
            project_id=asked.project_id,
            media_id=asked.media_id,
            edits=edits,
            author=asked.author,
            session=asked.session,
            atomic=atomic,
            rules=rules,
        )
        return tally.count(edits, await self._labels.apply(batch))


async def paged(items: AsyncIterator[Done], size: int) -> AsyncIterator[list[Done]]:
    """Items in lists of at most `size`."""
    page: list[Done] = []
    async for item in items:
        page.append(item)
        if len(page) == size:
            yield page
            page = []
    if page:
        yield page
