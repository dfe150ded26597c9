"""Batches of edits become objects and their history, several batches in one transaction."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence, Set
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Protocol

from annotation.domain.batch import Batch, Medium
from annotation.domain.ontology import Ontology
from annotation.media.repository import KnownMedium, MediaStore
from annotation.objects.batch_outcome import Verdicts, judge_all
from annotation.objects.cache import Recent
from annotation.objects.read_set import Evidence, gather
from annotation.objects.threads import computed
from annotation.transaction import Overtaken, attempted, in_transaction
from common.contract.edits import EditResult
from common.service.errors import Problem, not_found
from common.storage.mongo import Database, Document

# What else a transaction writes, given its session and what became of the edits.
Also = Callable[[Any, Sequence[EditResult]], Awaitable[None]]


class Ontologies(Protocol):
    """Where the names come from that a project may use."""

    async def ontology(self, project_id: str, *, fresh: bool = False) -> Ontology:
        """What a project labels; `fresh` as it is now, else as it was moments ago."""


@dataclass(slots=True)
class Turn:
    """A batch on its way, and what its attempts have met so far."""

    batch: Batch
    answer: Callable[[Verdicts], Any]
    also: Also | None
    repeated: bool = False
    fresh: bool = False


class Applying:
    """Applies batches. `changed` is set whenever changes wait to be told."""

    def __init__(
        self, database: Database, media: MediaStore, ontologies: Ontologies | None, clock: Callable[[], float]
    ) -> None:
        self.changed = asyncio.Event()
        self._client = database.client
        self._objects = database.objects
        self._changes = database.changes
        self._media = media
        self._ontologies = ontologies
        self._clock = clock
        self._recent = Recent()

    async def named(self, batch: Batch, *, fresh: bool = False) -> Batch:
        """The batch with the names that its project may use."""
        if self._ontologies is None:
            return batch
        return replace(batch, ontology=await self._ontologies.ontology(batch.project_id, fresh=fresh))

    async def settle(self, turns: Sequence[Turn]) -> list[tuple[Verdicts, Any]]:
        """Apply batches of different objects in one transaction; what became of each, and the answer to it. Where
        several fail, one may be to blame: only a single one is tried again."""
        transaction = in_transaction if len(turns) == 1 else attempted
        settled = await transaction(self._client, partial(self._work, turns))
        for verdicts, _ in settled:
            self._recent.keep(verdicts.seen)
        if any(verdicts.writes for verdicts, _ in settled):
            self.changed.set()
        return settled

    async def _work(self, turns: Sequence[Turn], session: Any) -> list[tuple[Verdicts, Any]]:
        evidence, judged = await self._judged(turns, session)
        # The answers are made while the server writes.
        _, said = await asyncio.gather(
            self._write(judged, evidence.size_bytes, session),
            computed(evidence.size_bytes, _answers, turns, judged),
        )
        for turn, verdicts in zip(turns, judged, strict=True):
            if turn.also is not None:
                await turn.also(session, verdicts.results())
        return list(zip(judged, said, strict=True))

    async def _judged(self, turns: Sequence[Turn], session: Any) -> tuple[Evidence, list[Verdicts]]:
        thorough = any(turn.repeated for turn in turns)
        for turn in turns:
            turn.repeated = True
        batches = [turn.batch for turn in turns]
        known = await self._media.known({batch.media_id for batch in batches}, session)
        media = [_medium(known.get(batch.media_id), batch) for batch in batches]
        evidence = await gather(batches, self._objects, self._changes, self._recent, session, thorough=thorough)
        judged = await computed(evidence.size_bytes, judge_all, batches, evidence, media, self._clock())
        if any(not _is_checked(verdicts, evidence.trusted) for verdicts in judged):
            raise Overtaken
        for turn, verdicts in zip(turns, judged, strict=True):
            if verdicts.decision.unknown_name and self._ontologies is not None and not turn.fresh:
                turn.fresh = True
                turn.batch = await self.named(turn.batch, fresh=True)
                raise Overtaken
        return evidence, judged

    async def _write(self, judged: Sequence[Verdicts], size_bytes: int, session: Any) -> None:
        writes = [write for verdicts in judged for write in verdicts.writes]
        if not writes:
            return
        # Changes are packed while the server writes objects.
        result, changes = await asyncio.gather(
            self._objects.bulk_write(writes, ordered=False, session=session),
            computed(size_bytes, _changes, judged),
        )
        if result.inserted_count + result.matched_count != len(writes):
            raise Overtaken
        await self._changes.insert_many(changes, ordered=False, session=session)


def _medium(medium: KnownMedium | None, batch: Batch) -> Medium:
    """What edits may rely on.

    Raises:
        Problem: there is no such medium, or not one frame of it is known yet.
    """
    if medium is None:
        medium = KnownMedium(batch.project_id, frame_count=None, ready_frames=0, deleted=False)
    if medium.deleted or medium.project_id != batch.project_id:
        raise not_found("medium")
    frames = medium.frame_count or max(batch.frame_count or 0, medium.ready_frames)
    if not frames:
        raise Problem(409, "Medium not ready", "No frame of this medium can be labeled yet; try again shortly.")
    return Medium(frames, medium.width, medium.height)


def _is_checked(verdicts: Verdicts, trusted: Set[str]) -> bool:
    """Whether the server, which writes only over the revision that an edit was applied to, checks all that was trusted
    when the batch was decided."""
    written = {change.after.state.id for change in verdicts.decision.changes}
    unchecked = {one.current.state.id for one in verdicts.seen} & trusted - written
    return not unchecked


def _answers(turns: Sequence[Turn], judged: Sequence[Verdicts]) -> list[Any]:
    return [turn.answer(verdicts) for turn, verdicts in zip(turns, judged, strict=True)]


def _changes(judged: Sequence[Verdicts]) -> list[Document]:
    return [change for verdicts in judged for change in verdicts.changes()]
