"""What export works on: one job for each archive."""

import asyncio
import contextlib
import time
from collections.abc import Iterator
from dataclasses import asdict
from threading import Event
from typing import Annotated

import structlog
from faststream.nats import NatsRouter
from nats.errors import Error as NatsError
from pymongo.errors import PyMongoError

from common.contract.errors import reason_for
from common.contract.events import WriteExport
from common.contract.questions import Export
from common.messaging.bus import Bus, InjectedBus
from common.messaging.delivery import consume, consume_dead_letters
from common.messaging.dependencies import Dependency
from common.service.errors import Problem
from common.service.ids import new_id
from export.codecs.zip import Entry, zipped
from export.dataset.dataset import Dataset
from export.dataset.loss_report import LossReport
from export.dataset.media import lay_out
from export.dataset.selection import Selection
from export.dataset.split import FrameSelection
from export.exporting.outbox import tell_ended
from export.exporting.repository import ExportStore, Record
from export.exporting.sources import list_media, take_snapshot
from export.formats.registry import FORMATS
from export.metrics import EXPORT_BYTES, EXPORT_SECONDS, EXPORTS
from export.storage.archives import Halted, Written
from export.storage.destinations import Destination, Destinations
from export.storage.pictures import Pictures
from export.storage.snapshots import read_snapshot
from export.versions.repository import Frozen, VersionStore

router = NatsRouter()
Exports = Annotated[ExportStore, Dependency("exports")]
Places = Annotated[Destinations, Dependency("destinations")]
Versions = Annotated[VersionStore, Dependency("versions")]
log = structlog.get_logger()

_LOOK_EVERY_S = 1.0
_STEP = 0.01
_GIVEN_UP = reason_for("export_failed_repeatedly")


@router.subscriber(**consume(WriteExport, by="export"))
async def write_export(
    job: WriteExport, exports: Exports, destinations: Places, versions: Versions, bus: InjectedBus
) -> None:
    """Write an export's archive: snapshot, interpolation, format, zip and upload in one stream."""
    holder = new_id()
    record = await _take_up(job.export_id, holder, exports)
    if record is None:
        return
    if record.export.state == "running":
        await bus.publish(record.changed())
        record = await _write(record, holder, exports, destinations, versions, bus)
        EXPORTS.labels(record.export.format, record.export.state).inc()
    await tell_ended(record, exports, destinations, bus)


@router.subscriber(**consume_dead_letters(WriteExport, by="export"))
async def give_up(job: WriteExport, exports: Exports, destinations: Places, bus: InjectedBus) -> None:
    """Fail an export whose job failed, or was killed, every time."""
    failed = await exports.fail(job.export_id, _GIVEN_UP)
    if failed is not None:
        EXPORTS.labels(failed.export.format, "failed").inc()
    record = failed or await exports.find(job.export_id)
    if record is not None and record.export.state == "failed":
        await tell_ended(record, exports, destinations, bus)


async def _take_up(export_id: str, holder: str, exports: ExportStore) -> Record | None:
    """The export, running in the hands of `holder`, or already ended; None if it does not exist.

    Where another process has it, waits: that one ends it, or is gone and holds it no more.
    """
    while True:
        if record := await exports.begin(export_id, holder, time.time()):
            return record
        found = await exports.find(export_id)
        if found is None or found.export.state in ("done", "cancelled"):
            return found
        await asyncio.sleep(_LOOK_EVERY_S)


async def _write(
    record: Record,
    holder: str,
    exports: ExportStore,
    destinations: Destinations,
    versions: VersionStore,
    bus: Bus,
) -> Record:
    """Write the archive of an export that `holder` has; how it ended."""
    started = time.monotonic()
    try:
        destination = destinations.to_write(record)
        dataset, pictures = await _open(record, versions, bus)
        written = await _carry_out(record, holder, dataset, pictures, exports, destination, bus)
    except Problem as problem:
        if problem.status >= 500:
            raise
        return await exports.fail(record.export.id, problem.reason) or await _ended(record, exports)
    except Halted:
        return await _ended(record, exports)
    EXPORT_SECONDS.labels(record.export.format).observe(time.monotonic() - started)
    EXPORT_BYTES.labels(record.export.format).inc(written.size_bytes)
    archive = {"object_key": None if record.export.target else record.key} | asdict(written)
    finished = await exports.finish(record.export.id, holder, archive, dataset.report.losses)
    return finished or await _ended(record, exports)


async def _ended(record: Record, exports: ExportStore) -> Record:
    """The export that was ended by others: cancelled, or taken over by a process that took this one for dead."""
    found = await exports.find(record.export.id)
    if found is None or found.export.state == "running":
        raise TakenOverError(record.export.id)
    return found


class TakenOverError(Exception):
    """Another process writes this export; this one's message comes again, and finds out how it ended."""


async def _current(record: Record, bus: Bus, report: LossReport) -> Frozen:
    """Media and labels as they are now, or were when this export was first tried."""
    export = record.export
    media = await list_media(bus, export.project_id, export.media, report)
    if not media:
        return Frozen((), (), lambda: iter(()))
    taken = await take_snapshot(bus, export.project_id, record.snapshot_id, export.media)
    size = (await bus.objects.stat(taken.object_key)).size
    return Frozen(taken.missions, media, lambda: read_snapshot(bus.objects, taken.object_key, size))


async def _open(record: Record, versions: VersionStore, bus: Bus) -> tuple[Dataset, Pictures | None]:
    """The dataset of an export: media and labels as they are at one moment.

    Raises:
        Problem: it cannot be exported, for a reason in words.
    """
    export, report = record.export, LossReport()
    if export.version is not None:
        found = await versions.frozen(export.version, export.project_id, export.media, report)
    else:
        found = await _current(record, bus, report)
    media = lay_out(found.media)
    if not media:
        raise Problem(422, "Nothing to export", "None of the chosen files is there and ready.")
    pictures = Pictures(export.project_id, bus, bus.objects) if export.save_images else None
    dataset = Dataset(
        media,
        found.missions,
        Selection.of(export.classes, export.annotation_types, export.sources, export.done_only),
        report,
        found.labels,
        pictures.of if pictures else None,
        pictures.originals if pictures and export.images_as == "originals" else None,
    )
    return dataset, pictures


async def _carry_out(
    record: Record,
    holder: str,
    dataset: Dataset,
    pictures: Pictures | None,
    exports: ExportStore,
    destination: Destination,
    bus: Bus,
) -> Written:
    """Write in a thread, while this one tells how far it is and looks whether it is still wanted."""
    halted = Event()
    watching = asyncio.create_task(_watch(record, holder, dataset, halted, exports, bus))
    try:
        entries = _entries(record.export, dataset)
        return await asyncio.to_thread(_write_now, destination, entries, pictures, halted)
    finally:
        halted.set()
        watching.cancel()


def _entries(export: Export, dataset: Dataset) -> Iterator[Entry]:
    """What the archive holds; it may take a pass over all labels to know which frames are taken."""
    yield from FORMATS[export.format].entries(FrameSelection.of(export).narrowed(dataset))


def _write_now(destination: Destination, entries: Iterator[Entry], pictures: Pictures | None, halted: Event) -> Written:
    with contextlib.closing(pictures) if pictures else contextlib.nullcontext():
        return destination.write(zipped(entries), halted)


async def _watch(record: Record, holder: str, dataset: Dataset, halted: Event, exports: ExportStore, bus: Bus) -> None:
    told = 0.0
    while True:
        await asyncio.sleep(_LOOK_EVERY_S)
        try:
            if not await exports.hold(record.export.id, holder, time.time()):
                break
            share = dataset.progress.share
            if share - told >= _STEP:
                told = share
                if changed := await exports.progress(record.export.id, holder, share):
                    await bus.publish(changed.changed())
        except (PyMongoError, NatsError) as error:
            # A server that is away for a moment is no reason to throw away what is written already.
            log.warning("export goes on unwatched", export=record.export.id, error=repr(error))
    halted.set()
