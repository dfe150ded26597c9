"""Imports: their request, progress and report."""

from dataclasses import dataclass

from pymongo import ASCENDING, ReturnDocument

from common.contract.events import ImportChanged, ReadArchive
from common.contract.questions import Import, ImportList, PageRequest, StartImport
from common.messaging.outbox import Unpublished
from common.storage.mongo import Database, Document
from export.importing.counts import ImportCounts
from export.storage.job_repository import BATCH, RequestedJobs, create_job_indexes

# How long the archive of a dry run is kept.
KEPT_S = 6 * 3600.0


_PUBLISHED = {"project_id", "name", "state", "progress", "dry_run", "created", "unchanged", "refused", "reason"}


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
            import_id=found.id,
            revision=self.revision,
            format=found.found or found.format,
            skipped=found.skipped_total,
            **found.model_dump(include=_PUBLISHED),
        )

    def unpublished(self) -> Unpublished:
        """The outbox entry of a queued import."""
        return Unpublished(self.imported.id, self.revision, [self.changed(), self.job()])


async def create_import_indexes(database: Database) -> None:
    """A project's imports by age, those whose job may not be queued, and dry runs with an archive."""
    await create_job_indexes(database.imports)
    kept: Document = {"kept_until": {"$gt": 0.0}}
    await database.imports.create_index([("kept_until", ASCENDING)], name="kept", partialFilterExpression=kept)


class ImportRepository(RequestedJobs[ImportRecord]):
    """The `imports` collection."""

    def __init__(self, database: Database) -> None:
        super().__init__(database.imports, _record)
        self._imports = database.imports

    async def start(self, question: StartImport, sealed: bytes | None, now: float) -> ImportRecord:
        """The requested import, queued, or the one that has this id already."""
        fields = question.model_dump(exclude={"import_id": True, "source": {"access_key", "secret_key"}})
        imported = Import(**fields, id=question.import_id, state="queued", progress=0.0, created_at=now)
        return await self._add(question.import_id, imported.model_dump(exclude={"id"}), sealed)

    async def page(self, project_id: str, page: PageRequest) -> ImportList:
        """A project's imports, newest first. Raises Problem if the cursor is invalid."""
        records, more = await self._newest(project_id, page)
        return ImportList(items=[record.imported for record in records], next_cursor=more)

    async def commit(self, import_id: str, now: float) -> ImportRecord | None:
        """Queue a dry run again, as an import; None if it is not a finished dry run, or its archive has expired."""
        where = {"_id": import_id, "state": "done", "dry_run": True, "kept_until": {"$gt": now}}
        fields = {"state": "queued", "progress": 0.0, "dry_run": False, "checked": True, "kept_until": None}
        fields |= {**ImportCounts().fields(), "unpublished": True, "created_at": now}
        found = await self._imports.find_one_and_update(
            where, {"$set": fields, "$inc": {"revision": 1}}, return_document=ReturnDocument.AFTER
        )
        return _record(found) if found else None

    async def expired(self, now: float) -> list[ImportRecord]:
        """Dry runs whose archives are kept no longer."""
        found = self._imports.find({"kept_until": {"$gt": 0.0, "$lt": now}}).limit(BATCH)
        return [_record(document) async for document in found]

    async def release_archive(self, import_id: str) -> None:
        """Record that the archive of a dry run is deleted."""
        await self._imports.update_one({"_id": import_id}, {"$set": {"kept_until": None}})

    async def forget_keys(self, import_id: str) -> None:
        """Delete the keys to the source of an import. It is no change of the import."""
        await self._imports.update_one({"_id": import_id}, {"$unset": {"sealed": True}})


def _record(document: Document) -> ImportRecord:
    return ImportRecord(
        Import(id=document["_id"], **document),
        document["revision"],
        document.get("sealed"),
        document.get("checked", False),
    )
