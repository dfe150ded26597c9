"""Labels of whole media in MongoDB: read for many media at once, changed by ordinary edits of each."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field, replace

from annotation.domain.batch import Batch
from annotation.domain.errors import Refusal
from annotation.domain.media_labels import Labels, added, moved, preferred, removed
from annotation.domain.object_class import Kind
from annotation.domain.reclassification import Move
from annotation.domain.tracks import Span
from annotation.media.repository import KnownMedium, MediaStore
from annotation.objects.by_class import Uses
from annotation.objects.documents import unpack_state
from annotation.objects.repository import LabelStore
from common.contract.edits import Edit, EditResult
from common.contract.labels import ObjectState
from common.contract.questions import LabelMedia, OperationResult, SyncLabels
from common.service.errors import Problem
from common.storage.mongo import Database, Document

MEDIA_AT_ONCE = 500
_WRITTEN_AT_ONCE = 8
_FAILURES_TOLD = 100
# Somebody else may change the labels of a medium between reading and writing them.
_ATTEMPTS = 3
Plan = Callable[[Labels], list[Edit]]


@dataclass(frozen=True, slots=True)
class Act:
    """What somebody does to the labels of many media at once."""

    project_id: str
    operation: str
    author: str
    session: str | None = None


@dataclass(slots=True)
class _Tally:
    applied: int = 0
    failed: int = 0
    failures: list[EditResult] = field(default_factory=list)

    def count(self, media_id: str, results: Sequence[EditResult]) -> None:
        """Add what became of the edits of a medium; a failure is told with the medium's id."""
        for result in results:
            if result.status in ("applied", "duplicate"):
                self.applied += 1
            else:
                self.fail(media_id, result.status, str(result.reason or ""))

    def fail(self, media_id: str, status: str, reason: str) -> None:
        """Note why something was not done on a medium."""
        self.failed += 1
        if len(self.failures) < _FAILURES_TOLD:
            self.failures.append(EditResult.model_validate({"id": media_id, "status": status, "reason": reason}))


class MediaLabels:
    """Adds, removes and prefers labels of whole media."""

    def __init__(self, database: Database, labels: LabelStore, media: MediaStore) -> None:
        self._objects = database.objects
        self._changes = database.changes
        self._media_ids = database.media
        self._labels = labels
        self._media = media
        self._uses = Uses(database)

    async def label(self, asked: LabelMedia, kind: Kind) -> OperationResult:
        """Add, remove or prefer a label on the media that are named, or on all that have it."""
        spans = [Span(*span) for span in asked.spans] if asked.spans is not None else None
        plans: dict[str, Plan] = {
            "add": lambda labels: added(labels, [kind], spans, asked.operation),
            "remove": lambda labels: removed(labels, kind, spans, asked.operation),
            "make_default": lambda labels: preferred(labels, kind, asked.operation),
        }
        act = Act(asked.project_id, asked.operation, asked.author, asked.session)
        tally = _Tally()
        chunks = self._having(asked.project_id, kind) if asked.media is None else _chunks(asked.media)
        async for media_ids in chunks:
            undone = await self._undone(act, dict.fromkeys(media_ids, plans[asked.action]), tally)
            await self._carry_out(act, undone, tally)
        return _answer(act, tally)

    async def sync(self, asked: SyncLabels) -> OperationResult:
        """Label media with the categories of the objects on them."""
        act = Act(asked.project_id, asked.operation, asked.author, asked.session)
        tally = _Tally()
        chunks = self._of_project(asked.project_id) if asked.media is None else _chunks(asked.media)
        async for media_ids in chunks:
            kinds = await self._uses.kinds_on(asked.project_id, media_ids)
            plans = {media_id: _adding(kinds[media_id], act) for media_id in media_ids if media_id in kinds}
            await self._carry_out(act, await self._undone(act, plans, tally), tally)
        return _answer(act, tally)

    async def move(self, act: Act, moves: dict[str, list[Move]]) -> int:
        """Make labels of media others, as `moves` says for each medium; how many edits were applied."""
        tally = _Tally()
        await self._carry_out(act, {media_id: _moving(of, act) for media_id, of in moves.items()}, tally)
        return tally.applied

    async def _undone(self, act: Act, plans: dict[str, Plan], tally: _Tally) -> dict[str, Plan]:
        """The plans for media where the operation has done nothing yet; what it did before counts as done now."""
        done = await self._done(act, list(plans))
        tally.applied += sum(done.values())
        return {media_id: plan for media_id, plan in plans.items() if media_id not in done}

    async def _carry_out(self, act: Act, plans: dict[str, Plan], tally: _Tally) -> None:
        """Plan and apply the edits of some media, side by side."""
        media = await self._media.find_all(set(plans))
        states = await self._read(list(plans))
        turns = asyncio.Semaphore(_WRITTEN_AT_ONCE)

        async def one(media_id: str) -> None:
            async with turns:
                if trouble := _trouble(act, media.get(media_id)):
                    tally.fail(media_id, "refused", trouble)
                else:
                    labels = _labels(media_id, media[media_id], states.get(media_id, []))
                    await self._carry_out_one(act, labels, plans[media_id], tally)

        await asyncio.gather(*map(one, plans))

    async def _carry_out_one(self, act: Act, labels: Labels, plan: Plan, tally: _Tally) -> None:
        for attempt in range(_ATTEMPTS):
            try:
                results = await self._apply(act, labels.media_id, plan(labels))
            except (Refusal, Problem) as refusal:
                words = refusal.detail if isinstance(refusal, Problem) else str(refusal)
                tally.fail(labels.media_id, "refused", words)
                return
            done = [result for result in results if result.status in ("applied", "duplicate")]
            if attempt == _ATTEMPTS - 1 or len(done) == len(results):
                tally.count(labels.media_id, results)
                return
            tally.count(labels.media_id, done)
            states = (await self._read([labels.media_id])).get(labels.media_id, [])
            labels = replace(labels, states={state.id: state for state in states})

    async def _apply(self, act: Act, media_id: str, edits: list[Edit]) -> list[EditResult]:
        if not edits:
            return []
        return await self._labels.apply(Batch(act.project_id, media_id, edits, act.author, act.session))

    async def _read(self, media_ids: Sequence[str]) -> dict[str, list[ObjectState]]:
        """The labels of some media, deleted ones too."""
        found: dict[str, list[ObjectState]] = {}
        query = {"media_id": {"$in": list(media_ids)}, "annotation_type": "label"}
        async for document in self._objects.find(query, ("media_id", "state")):
            found.setdefault(document["media_id"], []).append(unpack_state(document))
        return found

    async def _done(self, act: Act, media_ids: Sequence[str]) -> dict[str, int]:
        """How many changes the operation made on each medium when it was asked for before."""
        match = {"media_id": {"$in": list(media_ids)}, "operation": act.operation, "joint": True}
        stages = [{"$match": match}, {"$group": {"_id": "$media_id", "changes": {"$sum": 1}}}]
        return {one["_id"]: one["changes"] async for one in self._changes.aggregate(stages)}

    async def _having(self, project_id: str, kind: Kind) -> AsyncIterator[list[str]]:
        """The media of a project that have a label, some hundred at a time."""
        query: Document = {
            "project_id": project_id, "annotation_type": "label", "deleted": False,
            "mission": kind.mission, "category": kind.category,
        }  # fmt: skip
        async for media_ids in self._pages(self._objects, query, "media_id"):
            yield media_ids

    async def _of_project(self, project_id: str) -> AsyncIterator[list[str]]:
        async for media_ids in self._pages(self._media_ids, {"project_id": project_id}, "_id"):
            yield media_ids

    async def _pages(self, collection: Database, query: Document, name: str) -> AsyncIterator[list[str]]:
        """The values of a field in order, page by page: no cursor stays open while a page is worked on."""
        after = ""
        while True:
            cursor = collection.find({**query, name: {"$gt": after}}, {name: 1}).sort(name, 1).limit(MEDIA_AT_ONCE)
            page = [document[name] async for document in cursor]
            if not page:
                return
            yield page
            after = page[-1]


def _trouble(act: Act, medium: KnownMedium | None) -> str | None:
    """Why a medium cannot be labeled now, in words."""
    if medium is None or medium.deleted or medium.project_id != act.project_id:
        return "There is no such medium in the project."
    if not medium.frames_so_far:
        return "No frame of this medium can be labeled yet; try again shortly."
    return None


def _labels(media_id: str, medium: KnownMedium, states: Sequence[ObjectState]) -> Labels:
    by_id = {state.id: state for state in states}
    return Labels(media_id, by_id, medium.frames_so_far, complete=medium.frame_count is not None)


def _adding(kinds: set[Kind], act: Act) -> Plan:
    return lambda labels: added(labels, kinds, None, act.operation)


def _moving(moves: list[Move], act: Act) -> Plan:
    def plan(labels: Labels) -> list[Edit]:
        return [edit for move in moves for edit in moved(labels, move.before, move.after, act.operation)]

    return plan


async def _chunks(media_ids: Sequence[str]) -> AsyncIterator[list[str]]:
    unique = list(dict.fromkeys(media_ids))
    for begin in range(0, len(unique), MEDIA_AT_ONCE):
        yield unique[begin : begin + MEDIA_AT_ONCE]


def _answer(act: Act, tally: _Tally) -> OperationResult:
    return OperationResult(operation=act.operation, applied=tally.applied, failed=tally.failed, failures=tally.failures)
