"""Exports and imports as stored jobs: requested once, worked on under a lease, listed, published through the outbox."""

from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any, Protocol, TypeVar

from pymongo import ASCENDING, DESCENDING, ReturnDocument

from common.contract.questions import PageRequest
from common.messaging.jobs import JobCollection
from common.messaging.outbox import Unpublished
from common.storage.cursor import newest_first
from common.storage.mongo import Document

BATCH = 100


class RequestedJob(Protocol):
    """A job that a person requested."""

    @property
    def state(self) -> str:
        """queued, running, done, failed or cancelled."""

    def unpublished(self) -> Unpublished:
        """The outbox entry of the queued job."""


J = TypeVar("J", bound=RequestedJob)


async def create_job_indexes(collection: Any) -> None:
    """A project's jobs by age, and those that may not be queued."""
    await collection.create_index([("project_id", ASCENDING), ("created_at", DESCENDING), ("_id", DESCENDING)])
    unpublished: Document = {"unpublished": True}
    await collection.create_index([("created_at", ASCENDING)], name="unpublished", partialFilterExpression=unpublished)


class RequestedJobs(JobCollection[J]):
    """The jobs of one collection. Every change is one conditional write that raises the revision."""

    def __init__(self, collection: Any, to_record: Callable[[Document], J], *, restart_failed: bool = False) -> None:
        super().__init__(collection, to_record, restart_failed=restart_failed)
        self._collection = collection
        self._read = to_record

    async def _add(self, job_id: str, fields: Document, sealed: bytes | None) -> J:
        """The new job, queued, or the one that has this id already. Access keys are stored only as `sealed`."""
        marks: Document = {"revision": 1, "held_until": 0.0, "unpublished": True}
        if sealed is not None:
            marks["sealed"] = sealed
        found = await self._collection.find_one_and_update(
            {"_id": job_id}, {"$setOnInsert": fields | marks}, upsert=True, return_document=ReturnDocument.AFTER
        )
        return self._read(found)

    async def _newest(self, project_id: str, page: PageRequest) -> tuple[list[J], str | None]:
        """A page of a project's jobs, newest first, and the cursor of the next page. Raises Problem."""
        found, more = await newest_first(self._collection, {"project_id": project_id}, page)
        return [self._read(document) for document in found], more

    async def unpublished(self, before: float) -> AsyncIterator[Unpublished]:
        """Jobs that may not be queued."""
        query = {"unpublished": True, "created_at": {"$lt": before}}
        async for document in self._collection.find(query).sort("created_at", ASCENDING).limit(BATCH):
            yield self._read(document).unpublished()

    async def mark_published(self, entries: Sequence[Unpublished]) -> None:
        """Record that jobs are queued."""
        ids = [entry.key for entry in entries]
        await self._collection.update_many({"_id": {"$in": ids}}, {"$unset": {"unpublished": True}})
