"""Use cases of exports: start, write, cancel. A killed attempt is repeated from the same snapshot; its parts are
deleted first."""

import asyncio
import contextlib
import time
from collections.abc import Iterator, Mapping
from typing import Any

from common.contract.errors import Problem, reason_for
from common.contract.events import WriteExport
from common.contract.questions import Export, ExportList, PageRequest, StartExport
from common.messaging.bus import Bus
from common.messaging.jobs import WATCH_S, JobWorker, Lease, Progress
from common.messaging.outbox import Outbox, Unpublished
from common.storage.multipart import Written
from common.storage.objects import snapshot_key
from export.codecs.zip import Entry, zipped
from export.dataset.dataset import Dataset
from export.dataset.loss_report import LossReport
from export.dataset.media import lay_out
from export.dataset.selection import Selection, request_errors
from export.dataset.split import FrameSelection
from export.exporting.repository import ExportRecord, ExportRepository
from export.exporting.sources import list_media, take_snapshot
from export.formats.registry import FORMATS
from export.metrics import EXPORT_BYTES, EXPORT_SECONDS, EXPORTS
from export.storage.destinations import Destination, Destinations
from export.storage.external_bucket import normalized, target_errors
from export.storage.image_streams import ImageStreams
from export.storage.snapshots import read_snapshot
from export.versions.repository import FrozenDataset, VersionRepository


class ExportService:
    """Exports, from their request to their archive."""

    def __init__(
        self,
        exports: ExportRepository,
        versions: VersionRepository,
        destinations: Destinations,
        bus: Bus,
        *,
        watch_s: float = WATCH_S,
    ) -> None:
        self._exports = exports
        self._versions = versions
        self._destinations = destinations
        self._bus = bus
        self.outbox: Outbox[Unpublished] = Outbox(exports, bus)
        self.worker = JobWorker(exports, self._publish_change, watch_s=watch_s)

    async def start(self, question: StartExport) -> Export:
        """Queue an export; the same id is the same export. Raises Problem."""
        if question.target is not None:
            question = question.model_copy(update={"target": normalized(question.target)})
        policy = self._destinations.policy
        if errors := [*request_errors(question, frozenset(FORMATS)), *target_errors(question.target, policy)]:
            raise Problem.of_fields(errors)
        if question.version is not None:
            version = await self._versions.find(question.version)
            if version is None or version.project_id != question.project_id:
                raise Problem.of_field("version", "export_version_unknown")
        box = self._destinations.secret_box
        sealed = box.encrypt(question.export_id, question.target) if question.target else None
        record = await self._exports.start(question, sealed, time.time())
        if record.export.project_id != question.project_id:
            raise Problem("export_id_taken")
        if record.state == "queued":
            await self.outbox.publish(record.unpublished())
        return record.export

    async def get(self, export_id: str) -> Export:
        """An export. Raises Problem."""
        return (await self._record(export_id)).export

    async def page(self, project_id: str, page: PageRequest) -> ExportList:
        """A project's exports, newest first. Raises Problem."""
        return await self._exports.page(project_id, page)

    async def cancel(self, export_id: str) -> Export:
        """Cancel an export and delete its archive, also a complete one, unless it is in an external bucket. A failed
        export stays failed. Raises Problem."""
        before = await self._record(export_id)
        cancelled = await self._exports.discard(export_id)
        if cancelled is not None:
            EXPORTS.labels(cancelled.export.format, "cancelled").inc()
        record = cancelled or await self._record(export_id)
        if before.state == "running":
            # Its process notices within two seconds and deletes the parts; deleting them here would look like an error.
            await self._publish_change(record)
        elif record.state == "cancelled":
            await self._end(record)
        return record.export

    async def write(self, job: WriteExport) -> None:
        """Write an export's archive: snapshot, interpolation, format, ZIP and upload in one stream."""
        is_mine = False

        async def work(record: ExportRecord, lease: Lease) -> Mapping[str, Any]:
            nonlocal is_mine
            is_mine = True
            return await self._write(record, lease)

        record = await self.worker.run(job.export_id, work)
        if record is None:
            return
        if is_mine:
            EXPORTS.labels(record.export.format, record.state).inc()
        await self._end(record)

    async def give_up(self, job: WriteExport) -> None:
        """Fail an export whose job failed, or was killed, every time."""
        failed = await self._exports.fail(job.export_id, reason_for("export_failed_repeatedly"))
        if failed is not None:
            EXPORTS.labels(failed.export.format, "failed").inc()
        record = failed or await self._exports.find(job.export_id)
        if record is not None and record.state == "failed":
            await self._end(record)

    async def _record(self, export_id: str) -> ExportRecord:
        record = await self._exports.find(export_id)
        if record is None:
            raise Problem("export_not_found")
        return record

    async def _write(self, record: ExportRecord, lease: Lease) -> Mapping[str, Any]:
        started = time.monotonic()
        destination = self._destinations.to_write(record)
        dataset, images = await self._load(record)
        lease.measure = lambda: Progress(dataset.progress.share)
        entries = _entries(record.export, dataset)
        written = await asyncio.to_thread(_write_archive, destination, entries, images, lease)
        EXPORT_SECONDS.labels(record.export.format).observe(time.monotonic() - started)
        EXPORT_BYTES.labels(record.export.format).inc(written.size_bytes)
        return {
            "object_key": None if record.export.target else record.key,
            "size_bytes": written.size_bytes,
            "sha256": written.sha256,
            "dropped": [loss.model_dump() for loss in dataset.report.losses],
        }

    async def _load(self, record: ExportRecord) -> tuple[Dataset, ImageStreams | None]:
        """The dataset of an export: media and labels at one moment. Raises Problem."""
        export, report = record.export, LossReport()
        if export.version is not None:
            found = await self._versions.frozen(export.version, export.project_id, export.media, report)
        else:
            found = await self._current(record, report)
        media = lay_out(found.media)
        if not media:
            raise Problem("export_no_files")
        images = ImageStreams(export.project_id, self._bus, self._bus.objects) if export.save_images else None
        selection = Selection.of(export.classes, export.annotation_types, export.sources, export.done_only)
        dataset = Dataset(
            media,
            found.missions,
            selection,
            report,
            found.labels,
            images.of if images else None,
            images.originals if images and export.images_as == "originals" else None,
        )
        return dataset, images

    async def _current(self, record: ExportRecord, report: LossReport) -> FrozenDataset:
        """Media as they are now, and labels as they were at the first attempt."""
        export, objects = record.export, self._bus.objects
        media = await list_media(self._bus, export.project_id, export.media, report)
        if not media:
            return FrozenDataset((), (), lambda: iter(()))
        snapshot = await take_snapshot(self._bus, export.project_id, record.snapshot_id, export.media)
        size = (await objects.stat(snapshot.object_key)).size
        return FrozenDataset(snapshot.missions, media, lambda: read_snapshot(objects, snapshot.object_key, size))

    async def _end(self, record: ExportRecord) -> None:
        """Delete the temporary files and keys of an ended export, and publish its end. Repeating it is harmless."""
        await self._bus.objects.delete(snapshot_key(record.export.project_id, record.snapshot_id))
        destination = self._destinations.of(record)
        if record.state != "done" and destination is not None:
            await asyncio.to_thread(destination.clear)
        if record.sealed is not None:
            await self._exports.forget_keys(record.export.id)
        if record.state == "done" and record.export.target is None:
            await self._bus.publish(record.ready())
        await self._publish_change(record)

    async def _publish_change(self, record: ExportRecord) -> None:
        await self._bus.publish(record.changed())


def _entries(export: Export, dataset: Dataset) -> Iterator[Entry]:
    """The files of the archive; selecting frames may take a pass over all labels."""
    yield from FORMATS[export.format].entries(FrameSelection.of(export).narrowed(dataset))


def _write_archive(
    destination: Destination, entries: Iterator[Entry], images: ImageStreams | None, lease: Lease
) -> Written:
    with contextlib.closing(images) if images else contextlib.nullcontext():
        return destination.write(zipped(entries), lease.check)
