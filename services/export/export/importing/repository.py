"""Imports: what was requested, how far they are, and their report."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pymongo import ASCENDING, DESCENDING, ReturnDocument

from common.contract.errors import Reason
from common.contract.events import ImportChanged, ReadArchive
from common.contract.questions import Import, ImportList, PageRequest, StartImport
from common.messaging.jobs import JobDocuments, Progress
from common.messaging.outbox import Unpublished
from common.storage.cursor import encode_cursor, older_than
from common.storage.mongo import Database, Document
from export.importing.counts import ImportCounts

# How long the archive of a dry run is kept.
KEPT_S = 6 * 3600.0
BATCH = 100


@dataclass(frozen=True, slots=True)
class ImportRecord:
    """An import at one revision; `sealed` are the encrypted keys to its source, until it is fetched or has ended;
    `checked`: a dry run preceded it."""

    imported: Import
    revision: int
    sealed: bytes | None = None
    checked: bool = False

    @property
    def state(self) -> str:
        """The state of the job."""
        return self.imported.state

    def job(self) -> ReadArchive:
        """The job that reads the archive."""
        return ReadArchive(project_id=self.imported.project_id, import_id=self.imported.id, checked=self.checked)

    def changed(self) -> ImportChanged:
        """The import as a fact."""
        found = self.imported
        return ImportChanged(
            project_id=found.project_id,
            import_id=found.id,
            revision=self.revision,
            name=found.name,
            format=found.found or found.format,
            state=found.state,
            progress=found.progress,
            dry_run=found.dry_run,
            created=found.created,
            unchanged=found.unchanged,
            refused=found.refused,
            skipped=found.skipped_total,
            reason=found.reason,
        )

    def unpublished(self) -> Unpublished:
        """The outbox entry of a queued import."""
        return Unpublished(self.imported.id, self.revision, [self.changed(), self.job()])


async def create_import_indexes(database: Database) -> None:
    """A project's imports by age, those whose job may not be queued, and dry runs with an archive."""
    by_age = [("project_id", ASCENDING), ("created_at", DESCENDING), ("_id", DESCENDING)]
    await database.imports.create_index(by_age)
    unpublished: Document = {"unpublished": True}
    await database.imports.create_index(
        [("created_at", ASCENDING)], name="unpublished", partialFilterExpression=unpublished
    )
    kept: Document = {"kept_until": {"$gt": 0.0}}
    await database.imports.create_index([("kept_until", ASCENDING)], name="kept", partialFilterExpression=kept)


class ImportRepository:
    """The `imports` collection. Every change is one conditional write that raises the revision."""

    def __init__(self, database: Database) -> None:
        self._imports = database.imports
        self._jobs = JobDocuments(database.imports)

    async def start(self, question: StartImport, sealed: bytes | None, now: float) -> ImportRecord:
        """The requested import, queued, or the one that has this id already. The keys to its source are stored only as
        they were `sealed`."""
        given = question.model_dump(exclude={"import_id": True, "source": {"access_key", "secret_key"}})
        imported = Import(**given, id=question.import_id, state="queued", progress=0.0, created_at=now)
        fields = imported.model_dump(exclude={"id"}) | {"revision": 1, "held_until": 0.0, "unpublished": True}
        if sealed is not None:
            fields["sealed"] = sealed
        found = await self._imports.find_one_and_update(
            {"_id": question.import_id},
            {"$setOnInsert": fields},
            upsert=True,
            return_document=ReturnDocument.AFTER,
        )
        return _record(found)

    async def find(self, job_id: str) -> ImportRecord | None:
        """An import."""
        document = await self._imports.find_one({"_id": job_id})
        return _record(document) if document else None

    async def page(self, project_id: str, page: PageRequest) -> ImportList:
        """A project's imports, newest first. Raises Problem for a cursor that no page gave."""
        query: Document = {"project_id": project_id} | older_than(page.cursor)
        newest = [("created_at", DESCENDING), ("_id", DESCENDING)]
        found = await self._imports.find(query).sort(newest).limit(page.limit + 1).to_list(None)
        items = [_record(document).imported for document in found[: page.limit]]
        more = encode_cursor(items[-1].created_at, items[-1].id) if len(found) > page.limit else None
        return ImportList(items=items, next_cursor=more)

    async def commit(self, import_id: str, now: float) -> ImportRecord | None:
        """Queue a dry run again, as an import; None if it is no dry run that has ended, or its archive is expired."""
        where = {"_id": import_id, "state": "done", "dry_run": True, "kept_until": {"$gt": now}}
        fields = {"state": "queued", "progress": 0.0, "dry_run": False, "checked": True, "kept_until": None}
        fields |= {**ImportCounts().fields(), "unpublished": True, "created_at": now}
        found = await self._imports.find_one_and_update(
            where, {"$set": fields, "$inc": {"revision": 1}}, return_document=ReturnDocument.AFTER
        )
        return _found(found)

    async def expired(self, now: float) -> list[ImportRecord]:
        """Dry runs whose archives are kept no longer."""
        found = self._imports.find({"kept_until": {"$gt": 0.0, "$lt": now}}).limit(BATCH)
        return [_record(document) async for document in found]

    async def release_archive(self, import_id: str) -> None:
        """Note that the archive of a dry run is deleted."""
        await self._imports.update_one({"_id": import_id}, {"$set": {"kept_until": None}})

    async def forget_keys(self, import_id: str) -> None:
        """Delete the keys to the source of an import. It is no change of the import."""
        await self._imports.update_one({"_id": import_id}, {"$unset": {"sealed": True}})

    # ---- outbox ----

    async def unpublished(self, before: float) -> AsyncIterator[Unpublished]:
        """Imports whose job may not be queued."""
        query = {"unpublished": True, "created_at": {"$lt": before}}
        async for document in self._imports.find(query).sort("created_at", ASCENDING).limit(BATCH):
            yield _record(document).unpublished()

    async def mark_published(self, entries: Sequence[Unpublished]) -> None:
        """Note that the jobs of imports are queued."""
        ids = [entry.key for entry in entries]
        await self._imports.update_many({"_id": {"$in": ids}}, {"$unset": {"unpublished": True}})

    # ---- job ----

    async def begin(self, job_id: str, holder: str, now: float) -> ImportRecord | None:
        """Take the lease."""
        return _found(await self._jobs.begin(job_id, holder, now))

    async def hold(self, job_id: str, holder: str, now: float) -> bool:
        """Extend the lease; False if it is lost."""
        return await self._jobs.hold(job_id, holder, now)

    async def progress(self, job_id: str, holder: str, progress: Progress) -> ImportRecord | None:
        """Store the progress, and what is known so far."""
        return _found(await self._jobs.progress(job_id, holder, progress))

    async def finish(self, job_id: str, holder: str, fields: Mapping[str, Any]) -> ImportRecord | None:
        """Store the report."""
        return _found(await self._jobs.finish(job_id, holder, fields))

    async def fail(self, job_id: str, reason: Reason) -> ImportRecord | None:
        """End it for good."""
        return _found(await self._jobs.fail(job_id, {"reason": reason.model_dump()}))

    async def cancel(self, job_id: str) -> ImportRecord | None:
        """Cancel it; None if it has ended."""
        return _found(await self._jobs.cancel(job_id))


def _found(document: Document | None) -> ImportRecord | None:
    return _record(document) if document else None


def _record(document: Document) -> ImportRecord:
    return ImportRecord(
        Import(id=document["_id"], **document),
        document["revision"],
        document.get("sealed"),
        document.get("checked", False),
    )
