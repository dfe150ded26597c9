"""Batches of edits in MongoDB: reading the data to decide them, and writing their outcomes."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

from annotation.domain.batch import Batch
from annotation.objects.batch_outcome import BatchOutcome
from annotation.objects.cache import ObjectCache
from annotation.objects.read_set import ReadSet, load_read_set
from annotation.threads import computed
from annotation.transaction import StaleRead, attempted, in_transaction
from common.storage.mongo import Database, Document

T = TypeVar("T")


class BatchRepository:
    """Objects and changes, written together. Objects that this process used recently are cached."""

    def __init__(self, database: Database) -> None:
        self._client = database.client
        self._objects = database.objects
        self._changes = database.changes
        self._cache = ObjectCache()

    async def transaction(self, work: Callable[[Any], Awaitable[T]], *, repeat: bool) -> T:
        """The result of `work(session)` in a transaction, repeated after a conflict if `repeat`."""
        return await (in_transaction if repeat else attempted)(self._client, work)

    async def load(self, batches: Sequence[Batch], session: Any, *, thorough: bool) -> ReadSet:
        """The data to decide batches; `thorough` in a repeated attempt."""
        return await load_read_set(batches, self._objects, self._changes, self._cache, session, thorough=thorough)

    async def save(self, outcomes: Sequence[BatchOutcome], size_bytes: int, session: Any) -> None:
        """Write the objects and changes of outcomes.

        Raises:
            StaleRead: An object has another revision than the one decided on.
        """
        writes = [write for outcome in outcomes for write in outcome.writes]
        if not writes:
            return
        # Changes are packed while the server writes objects.
        result, changes = await asyncio.gather(
            self._objects.bulk_write(writes, ordered=False, session=session),
            computed(size_bytes, _changes, outcomes),
        )
        if result.inserted_count + result.matched_count != len(writes):
            raise StaleRead
        await self._changes.insert_many(changes, ordered=False, session=session)

    def remember(self, outcome: BatchOutcome) -> None:
        """Cache the objects of a committed batch."""
        self._cache.keep(outcome.objects)


def _changes(outcomes: Sequence[BatchOutcome]) -> list[Document]:
    return [change for outcome in outcomes for change in outcome.changes()]
