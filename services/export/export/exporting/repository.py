"""Exports: their request, progress and result, and the process that works on them."""

from dataclasses import dataclass, field

from common.contract.events import ExportChanged, ExportReady, WriteExport
from common.contract.questions import Export, ExportList, PageRequest, StartExport
from common.messaging.jobs import OPEN
from common.messaging.outbox import Unpublished
from common.service.ids import stable_id
from common.storage.mongo import Database, Document
from common.storage.objects import archive_key
from export.storage.external_bucket import external_key
from export.storage.job_repository import RequestedJobs, create_job_indexes


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
        """The key of the archive, in the own bucket or in the target."""
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
        fields = export.model_dump(
            include={"project_id", "name", "format", "state", "progress", "size_bytes", "reason"}
        )
        return ExportChanged(export_id=export.id, revision=self.revision, **fields)

    def ready(self) -> ExportReady:
        """The fact that its archive can be downloaded."""
        export = self.export
        fields = export.model_dump(include={"project_id", "name", "format", "size_bytes", "sha256", "dropped"})
        return ExportReady(export_id=export.id, object_key=self.key, **fields)

    def unpublished(self) -> Unpublished:
        """The outbox entry of a new export."""
        return Unpublished(self.export.id, None, [self.changed(), self.job()])


async def create_indexes(database: Database) -> None:
    """A project's exports by age, and those whose job may not be queued."""
    await create_job_indexes(database.exports)


MIGRATIONS = (create_indexes,)


class ExportRepository(RequestedJobs[ExportRecord]):
    """The `exports` collection."""

    def __init__(self, database: Database) -> None:
        super().__init__(database.exports, _record, restart_failed=True)
        self._exports = database.exports

    async def start(self, question: StartExport, sealed: bytes | None, now: float) -> ExportRecord:
        """The requested export, queued, or the one that has this id already."""
        keys = {"access_key", "secret_key"}
        export = Export(
            **question.model_dump(exclude={"export_id": True, "target": keys}),
            id=question.export_id,
            state="queued",
            progress=0.0,
            created_at=now,
        )
        fields = export.model_dump(exclude={"id"} if export.version is not None else {"id", "version"})
        return await self._add(question.export_id, fields | {"failures": 0}, sealed)

    async def page(self, project_id: str, page: PageRequest) -> ExportList:
        """A project's exports, newest first. Raises Problem if the cursor is invalid."""
        records, more = await self._newest(project_id, page)
        return ExportList(items=[record.export for record in records], next_cursor=more)

    async def forget_keys(self, export_id: str) -> None:
        """Delete the keys to the target of an export that has ended. It is no change of the export."""
        await self._exports.update_one(
            {"_id": export_id, "state": {"$in": ("done", "failed", "cancelled")}}, {"$unset": {"sealed": True}}
        )

    async def discard(self, export_id: str) -> ExportRecord | None:
        """Cancel an export, also one that is done; None if it was cancelled or failed already."""
        no_archive: Document = {"size_bytes": None, "sha256": None, "object_key": None, "dropped": []}
        return await self.cancel(export_id, no_archive, states=(*OPEN, "done"))


def _record(document: Document) -> ExportRecord:
    export = Export(id=document["_id"], **document)
    return ExportRecord(export, document["revision"], document["failures"], document.get("sealed"))
