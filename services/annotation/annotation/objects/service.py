"""Use cases of editing: load the data to decide a batch, decide it, commit it, publish it."""

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Protocol, TypeVar, cast

from annotation.domain.batch import Batch, Medium, involved
from annotation.domain.ontology import Ontology
from annotation.media.repository import MediaRepository, StoredMedium
from annotation.metrics import EDIT_SECONDS, EDITS
from annotation.objects.batch_outcome import BatchOutcome, decide_all
from annotation.objects.batch_repository import BatchRepository
from annotation.objects.group_commit import GroupCommit
from annotation.objects.read_set import ReadSet
from annotation.threads import computed
from annotation.transaction import StaleRead
from common.contract.edits import EditResult
from common.contract.errors import Problem

T = TypeVar("T")
# Larger batches take longer and would delay the others of their group.
_MAX_EDITS_IN_GROUP = 10
# Further writes of the transaction, given its session and the results of the edits.
ExtraWrites = Callable[[Any, Sequence[EditResult]], Awaitable[None]]


class Ontologies(Protocol):
    """The ontologies of projects."""

    async def ontology(self, project_id: str, *, fresh: bool = False) -> Ontology:
        """The ontology of a project; with `fresh` the stored one, otherwise up to two seconds old."""


@dataclass(slots=True)
class PendingBatch:
    """A batch to commit, and the state of its earlier attempts."""

    batch: Batch
    answer: Callable[[BatchOutcome], Any]
    extra_writes: ExtraWrites | None = None
    repeated: bool = False
    fresh_ontology: bool = False


class EditService:
    """Applies batches of edits. `wake_outbox` is called after each commit that stored changes."""

    def __init__(
        self,
        batches: BatchRepository,
        media: MediaRepository,
        ontologies: Ontologies | None,
        wake_outbox: Callable[[], None],
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._batches = batches
        self._media = media
        self._ontologies = ontologies
        self._wake_outbox = wake_outbox
        self._clock = clock
        self._groups: GroupCommit[PendingBatch, tuple[BatchOutcome, Any]] = GroupCommit(self._commit)

    async def apply(self, batch: Batch, extra_writes: ExtraWrites | None = None) -> list[EditResult]:
        """Apply a batch, and the `extra_writes`, in one transaction; returns the result of each edit.

        Raises:
            Problem: The medium does not exist, or has no known frame yet.
        """
        return await self._apply(batch, BatchOutcome.results, extra_writes)

    async def apply_json(self, batch: Batch) -> bytes:
        """As `apply`, with the results as the JSON of `EditResults`.

        Raises:
            Problem: As `apply`.
        """
        return await self._apply(batch, BatchOutcome.results_json)

    async def _apply(
        self, batch: Batch, answer: Callable[[BatchOutcome], T], extra_writes: ExtraWrites | None = None
    ) -> T:
        pending = PendingBatch(await self._with_ontology(batch), answer, extra_writes)
        with EDIT_SECONDS.time():
            if len(batch.edits) <= _MAX_EDITS_IN_GROUP:
                outcome, result = await self._groups.submit(pending, frozenset(involved(pending.batch)))
            else:
                ((outcome, result),) = await self._commit([pending])
        for status, count in Counter(result.status for result in outcome.results()).items():
            EDITS.labels(status).inc(count)
        return cast("T", result)

    async def _with_ontology(self, batch: Batch, *, fresh: bool = False) -> Batch:
        if self._ontologies is None:
            return batch
        return replace(batch, ontology=await self._ontologies.ontology(batch.project_id, fresh=fresh))

    async def _commit(self, pending: Sequence[PendingBatch]) -> list[tuple[BatchOutcome, Any]]:
        """Apply batches of different objects in one transaction; returns the outcome and answer of each. Only a single
        batch is retried: if several fail, one of them may be the cause."""
        committed = await self._batches.transaction(partial(self._attempt, pending), repeat=len(pending) == 1)
        for outcome, _ in committed:
            self._batches.remember(outcome)
        if any(outcome.writes for outcome, _ in committed):
            self._wake_outbox()
        return committed

    async def _attempt(self, pending: Sequence[PendingBatch], session: Any) -> list[tuple[BatchOutcome, Any]]:
        read_set, outcomes = await self._decide(pending, session)
        # The answers are serialized while the server is writing.
        _, answers = await asyncio.gather(
            self._batches.save(outcomes, read_set.size_bytes, session),
            computed(read_set.size_bytes, _answers, pending, outcomes),
        )
        for entry, outcome in zip(pending, outcomes, strict=True):
            if entry.extra_writes is not None:
                await entry.extra_writes(session, outcome.results())
        return list(zip(outcomes, answers, strict=True))

    async def _decide(self, pending: Sequence[PendingBatch], session: Any) -> tuple[ReadSet, list[BatchOutcome]]:
        thorough = any(entry.repeated for entry in pending)
        for entry in pending:
            entry.repeated = True
        batches = [entry.batch for entry in pending]
        media = await self._media_of(batches, session)
        read_set = await self._batches.load(batches, session, thorough=thorough)
        outcomes = await computed(read_set.size_bytes, decide_all, batches, read_set, media, self._clock())
        if any(not _is_verified(outcome, read_set.trusted) for outcome in outcomes):
            raise StaleRead
        await self._check_names(pending, outcomes)
        return read_set, outcomes

    async def _check_names(self, pending: Sequence[PendingBatch], outcomes: Sequence[BatchOutcome]) -> None:
        """Repeat with the stored ontology if a name was not in the cached one."""
        if self._ontologies is None:
            return
        for entry, outcome in zip(pending, outcomes, strict=True):
            if outcome.decision.unknown_name and not entry.fresh_ontology:
                entry.fresh_ontology = True
                entry.batch = await self._with_ontology(entry.batch, fresh=True)
                raise StaleRead

    async def _media_of(self, batches: Sequence[Batch], session: Any) -> list[Medium]:
        known = await self._media.known({batch.media_id for batch in batches}, session)
        return [_labelable(known, batch) for batch in batches]


def _labelable(known: Mapping[str, StoredMedium], batch: Batch) -> Medium:
    """The medium of a batch.

    Raises:
        Problem: The medium does not exist, or has no known frame yet.
    """
    medium = known.get(batch.media_id)
    if medium is None:
        medium = StoredMedium(batch.project_id, frame_count=None, ready_frames=0, deleted=False)
    if medium.deleted or medium.project_id != batch.project_id:
        raise Problem("medium_not_found")
    frames = medium.frame_count or max(batch.frame_count or 0, medium.ready_frames)
    if not frames:
        raise Problem("medium_not_ready")
    return Medium(frames, medium.width, medium.height)


def _is_verified(outcome: BatchOutcome, trusted: Set[str]) -> bool:
    """Whether all trusted objects of the batch are verified by the writes, which require the revision decided on."""
    written = {change.after.state.id for change in outcome.decision.changes}
    unverified = {current.snapshot.state.id for current in outcome.objects} & trusted - written
    return not unverified


def _answers(pending: Sequence[PendingBatch], outcomes: Sequence[BatchOutcome]) -> list[Any]:
    return [entry.answer(outcome) for entry, outcome in zip(pending, outcomes, strict=True)]
