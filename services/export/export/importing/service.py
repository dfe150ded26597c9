"""Use cases of imports: start, read an archive, run after a dry run, cancel. Objects have stable ids, so a killed
attempt is repeated without duplicates."""

import asyncio
import time
from collections.abc import Mapping
from typing import Any

import structlog

from common.contract.errors import CodedError, ErrorKind, Problem, reason_for
from common.contract.events import ReadArchive
from common.contract.questions import Import, ImportList, PageRequest, StartImport
from common.messaging.bus import Bus
from common.messaging.jobs import TEMPORARY, JobWorker, Lease, Progress
from common.messaging.outbox import Outbox, Unpublished
from common.sandbox.parent import Undecodable
from export.formats.registry import READERS
from export.importing.fetching import fetch
from export.importing.importer import import_archive
from export.importing.progress import ImportProgress
from export.importing.repository import KEPT_S, ImportRecord, ImportRepository
from export.metrics import IMPORT_SECONDS, IMPORTED_OBJECTS, IMPORTS
from export.storage.archives import Archives
from export.storage.destinations import Destinations
from export.storage.external_bucket import normalized, target_errors

log = structlog.get_logger()

CLEAN_UP_EVERY_S = 30.0


class UnreadableArchive(CodedError):
    """The archive is refused as a whole."""


class ImportService:
    """Imports, from their request to their report."""

    def __init__(self, imports: ImportRepository, sources: Destinations, bus: Bus) -> None:
        self._imports = imports
        self._sources = sources
        self._bus = bus
        self.outbox: Outbox[Unpublished] = Outbox(imports, bus)
        # A mission that was changed meanwhile is a conflict, which the next attempt resolves.
        self.worker = JobWorker(imports, self._publish_change, temporary=TEMPORARY | {ErrorKind.CONFLICT})

    async def start(self, question: StartImport) -> Import:
        """Queue an import; the same id is the same import. Raises Problem."""
        if question.source is not None:
            question = question.model_copy(update={"source": normalized(question.source)})
        if errors := target_errors(question.source, self._sources.policy, "source"):
            raise Problem.of_fields(errors)
        if question.format is not None and question.format not in READERS:
            raise Problem.of_field("format", "import_format_unknown", format=question.format)
        if question.media is not None and not question.media:
            raise Problem.of_field("media", "import_media_empty")
        box = self._sources.secret_box
        sealed = box.encrypt(question.import_id, question.source) if question.source else None
        record = await self._imports.start(question, sealed, time.time())
        if record.imported.project_id != question.project_id:
            raise Problem("import_id_taken")
        if record.state == "queued":
            await self.outbox.publish(record.unpublished())
        return record.imported

    async def get(self, import_id: str) -> Import:
        """An import. Raises Problem."""
        return (await self._record(import_id)).imported

    async def page(self, project_id: str, page: PageRequest) -> ImportList:
        """A project's imports, newest first. Raises Problem."""
        return await self._imports.page(project_id, page)

    async def commit(self, import_id: str) -> Import:
        """Run the import after a dry run; no change if the import is running already. Raises Problem."""
        before = await self._record(import_id)
        record = await self._imports.commit(import_id, time.time()) or await self._record(import_id)
        if record.imported.dry_run:
            raise Problem("import_archive_expired" if before.state == "done" else "import_not_checked")
        if record.state == "queued":
            await self.outbox.publish(record.unpublished())
        return record.imported

    async def cancel(self, import_id: str) -> Import:
        """Cancel an import; no change if it has ended. Raises Problem."""
        before = await self._record(import_id)
        cancelled = await self._imports.cancel(import_id)
        if cancelled is None:
            return await self.get(import_id)
        IMPORTS.labels("cancelled").inc()
        if before.state == "running":
            # Its process notices within two seconds; deleting the archive here would look like an error.
            await self._publish_change(cancelled)
        else:
            await self._end(cancelled)
        return cancelled.imported

    async def read(self, job: ReadArchive) -> None:
        """Import an uploaded archive."""
        is_mine = False

        async def work(record: ImportRecord, lease: Lease) -> Mapping[str, Any]:
            nonlocal is_mine
            is_mine = True
            return await self._import(record, lease)

        record = await self.worker.run(job.import_id, work)
        if record is None:
            return
        if is_mine and record.state == "failed":
            IMPORTS.labels("failed").inc()
        if is_mine and record.state == "done":
            IMPORTS.labels("done").inc()
            IMPORTED_OBJECTS.labels("created").inc(record.imported.created)
            IMPORTED_OBJECTS.labels("refused").inc(record.imported.refused)
        await self._end(record)

    async def give_up(self, job: ReadArchive) -> None:
        """Fail an import whose job failed, or was killed, every time."""
        failed = await self._imports.fail(job.import_id, reason_for("import_failed_repeatedly"))
        if failed is not None:
            IMPORTS.labels("failed").inc()
        record = failed or await self._imports.find(job.import_id)
        if record is not None and record.state == "failed":
            await self._end(record)

    async def delete_expired_archives(self) -> None:
        """Delete the archives of expired dry runs, periodically while the service runs."""
        while True:
            for record in await self._imports.expired(time.time()):
                await asyncio.to_thread(Archives(self._bus.objects).clear, record.imported.object_key)
                await self._imports.release_archive(record.imported.id)
            await asyncio.sleep(CLEAN_UP_EVERY_S)

    async def _record(self, import_id: str) -> ImportRecord:
        record = await self._imports.find(import_id)
        if record is None:
            raise Problem("import_not_found")
        return record

    async def _import(self, record: ImportRecord, lease: Lease) -> Mapping[str, Any]:
        started, progress = time.monotonic(), ImportProgress(lease=lease)
        lease.measure = lambda: Progress(progress.share, progress.fields())
        try:
            await fetch(record, progress, self._imports, self._sources, self._bus)
            await import_archive(record.imported, progress, self._bus)
        except Undecodable as error:
            reason = error.reason
            raise UnreadableArchive(reason.code, **reason.params) from error
        IMPORT_SECONDS.observe(time.monotonic() - started)
        return {**progress.fields(), "kept_until": time.time() + KEPT_S if record.imported.dry_run else None}

    async def _end(self, record: ImportRecord) -> None:
        """Delete the archive and keys of an ended import, and publish its end. Repeating it is harmless."""
        if record.imported.kept_until is None:
            await asyncio.to_thread(Archives(self._bus.objects).clear, record.imported.object_key)
        if record.imported.source is not None:
            await self._imports.forget_keys(record.imported.id)
        await self._publish_change(record)

    async def _publish_change(self, record: ImportRecord) -> None:
        await self._bus.publish(record.changed())
