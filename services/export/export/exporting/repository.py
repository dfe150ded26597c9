"""Exports: what was requested, how far they are, and which process works on them."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pymongo import ASCENDING, DESCENDING, ReturnDocument

from common.contract.errors import Reason
from common.contract.events import ExportChanged, ExportReady, WriteExport
from common.contract.questions import Export, ExportList, PageRequest, StartExport
from common.messaging.jobs import JobDocuments, Progress
from common.messaging.outbox import Unpublished
from common.service.ids import stable_id
from common.storage.cursor import encode_cursor, older_than
from common.storage.mongo import Database, Document
from common.storage.objects import archive_key
from export.storage.external_bucket import external_key

BATCH = 100


@dataclass(frozen=True, slots=True)
class ExportRecord:
    """An export at one revision. `failures` counts how often it was restarted after it failed; `sealed` are the
    encrypted keys to its target, until it has ended."""

    export: Export
    revision: int
    failures: int
    sealed: bytes | None = field(default=None, repr=False)

    @property
    def state(self) -> str:
        """The state of the job."""
        return self.export.state

    @property
    def key(self) -> str:
        """The key of the archive, in our bucket or in the target."""
        if self.export.target is not None:
            return external_key(self.export.target, self.export.name)
        return archive_key(self.export.project_id, self.export.id)

    @property
    def snapshot_id(self) -> str:
        """The snapshot it is written from: the same for every attempt, until it fails."""
        return stable_id("export", self.export.id, self.failures)

    def job(self) -> WriteExport:
        """The job that writes it."""
        return WriteExport(project_id=self.export.project_id, export_id=self.export.id)

    def changed(self) -> ExportChanged:
        """The export as a fact."""
        export = self.export
        return ExportChanged(
            project_id=export.project_id,
            export_id=export.id,
            revision=self.revision,
            name=export.name,
            format=export.format,
            state=export.state,
            progress=export.progress,
            size_bytes=export.size_bytes,
            reason=export.reason,
        )

    def ready(self) -> ExportReady:
        """The fact that its archive can be downloaded."""
        export = self.export
        return ExportReady(
            project_id=export.project_id,
            export_id=export.id,
            name=export.name,
            format=export.format,
            object_key=self.key,
            size_bytes=export.size_bytes or 0,
            sha256=export.sha256 or "",
            dropped=[loss.model_dump() for loss in export.dropped],
        )

    def unpublished(self) -> Unpublished:
        """The outbox entry of a new export."""
        return Unpublished(self.export.id, None, [self.changed(), self.job()])


async def create_indexes(database: Database) -> None:
    """A project's exports by age, and those whose job may not be queued."""
    by_age = [("project_id", ASCENDING), ("created_at", DESCENDING), ("_id", DESCENDING)]
    await database.exports.create_index(by_age)
    unpublished: Document = {"unpublished": True}
    await database.exports.create_index(
        [("created_at", ASCENDING)], name="unpublished", partialFilterExpression=unpublished
    )


MIGRATIONS = (create_indexes,)


class ExportRepository:
    """The `exports` collection. Every change is one conditional write that raises the revision."""

    def __init__(self, database: Database) -> None:
        self._exports = database.exports
        self._jobs = JobDocuments(database.exports, restart_failed=True)

    async def start(self, question: StartExport, sealed: bytes | None, now: float) -> ExportRecord:
        """The requested export, queued, or the one that has this id already. The keys to its target are stored only as
        they were `sealed`."""
        keys = {"access_key", "secret_key"}
        export = Export(
            **question.model_dump(exclude={"export_id": True, "target": keys}),
            id=question.export_id,
            state="queued",
            progress=0.0,
            created_at=now,
        )
        fields = export.model_dump(exclude={"id"})
        fields |= {"revision": 1, "failures": 0, "held_until": 0.0, "unpublished": True}
        if export.version is None:
            del fields["version"]
        if sealed is not None:
            fields["sealed"] = sealed
        found = await self._exports.find_one_and_update(
            {"_id": question.export_id},
            {"$setOnInsert": fields},
            upsert=True,
            return_document=ReturnDocument.AFTER,
        )
        return _record(found)

    async def find(self, job_id: str) -> ExportRecord | None:
        """An export."""
        document = await self._exports.find_one({"_id": job_id})
        return _record(document) if document else None

    async def page(self, project_id: str, page: PageRequest) -> ExportList:
        """A project's exports, newest first. Raises Problem for a cursor that no page gave."""
        query: Document = {"project_id": project_id} | older_than(page.cursor)
        newest = [("created_at", DESCENDING), ("_id", DESCENDING)]
        found = await self._exports.find(query).sort(newest).limit(page.limit + 1).to_list(None)
        items = [_record(document).export for document in found[: page.limit]]
        more = encode_cursor(items[-1].created_at, items[-1].id) if len(found) > page.limit else None
        return ExportList(items=items, next_cursor=more)

    async def forget_keys(self, export_id: str) -> None:
        """Delete the keys to the target of an export that has ended. It is no change of the export."""
        await self._exports.update_one(
            {"_id": export_id, "state": {"$in": ("done", "failed", "cancelled")}}, {"$unset": {"sealed": True}}
        )

    # ---- outbox ----

    async def unpublished(self, before: float) -> AsyncIterator[Unpublished]:
        """Exports whose job may not be queued."""
        query = {"unpublished": True, "created_at": {"$lt": before}}
        async for document in self._exports.find(query).sort("created_at", ASCENDING).limit(BATCH):
            yield _record(document).unpublished()

    async def mark_published(self, entries: Sequence[Unpublished]) -> None:
        """Note that the jobs of exports are queued."""
        ids = [entry.key for entry in entries]
        await self._exports.update_many({"_id": {"$in": ids}}, {"$unset": {"unpublished": True}})

    # ---- job ----

    async def begin(self, job_id: str, holder: str, now: float) -> ExportRecord | None:
        """Take the lease; a failed export starts again."""
        return _found(await self._jobs.begin(job_id, holder, now))

    async def hold(self, job_id: str, holder: str, now: float) -> bool:
        """Extend the lease; False if it is lost."""
        return await self._jobs.hold(job_id, holder, now)

    async def progress(self, job_id: str, holder: str, progress: Progress) -> ExportRecord | None:
        """Store the progress."""
        return _found(await self._jobs.progress(job_id, holder, progress))

    async def finish(self, job_id: str, holder: str, fields: Mapping[str, Any]) -> ExportRecord | None:
        """The archive is complete; `fields`: its object_key, size_bytes and sha256, and `dropped`."""
        return _found(await self._jobs.finish(job_id, holder, fields))

    async def fail(self, job_id: str, reason: Reason) -> ExportRecord | None:
        """End it for good."""
        return _found(await self._jobs.fail(job_id, {"reason": reason.model_dump()}))

    async def cancel(self, job_id: str) -> ExportRecord | None:
        """Cancel it, also when it is done; None if it was cancelled or failed already."""
        nothing: Document = {"size_bytes": None, "sha256": None, "object_key": None, "dropped": []}
        return _found(await self._jobs.cancel(job_id, nothing, states=("queued", "running", "done")))


def _found(document: Document | None) -> ExportRecord | None:
    return _record(document) if document else None


def _record(document: Document) -> ExportRecord:
    export = Export(id=document["_id"], **document)
    return ExportRecord(export, document["revision"], document["failures"], document.get("sealed"))
