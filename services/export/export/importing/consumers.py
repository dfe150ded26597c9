"""What the way in works on: one job for each uploaded archive."""

import asyncio
import time
from typing import Annotated

import structlog
from faststream.nats import NatsRouter
from nats.errors import Error as NatsError
from pymongo.errors import PyMongoError

from common.contract.errors import ErrorKind, Problem, Reason, reason_for
from common.contract.events import ReadArchive
from common.messaging.bus import Bus, InjectedBus
from common.messaging.delivery import consume, consume_dead_letters
from common.messaging.dependencies import Dependency
from common.sandbox.parent import Undecodable
from common.service.ids import new_id
from export.importing.fetching import fetch
from export.importing.outbox import tell_import_ended
from export.importing.progress import Stopped, Work
from export.importing.repository import KEPT_S, ImportRecord, ImportStore
from export.importing.service import carry_out
from export.metrics import IMPORT_SECONDS, IMPORTED_OBJECTS, IMPORTS
from export.storage.destinations import Destinations

router = NatsRouter()
Imports = Annotated[ImportStore, Dependency("imports")]
Places = Annotated[Destinations, Dependency("destinations")]
log = structlog.get_logger()

_LOOK_EVERY_S = 1.0
_STEP = 0.01
# Other errors are the archive's fault, and a second attempt would fail too.
_RETRIED = {ErrorKind.CONFLICT, ErrorKind.INTERNAL, ErrorKind.UNAVAILABLE, ErrorKind.TIMED_OUT}


@router.subscriber(**consume(ReadArchive, by="export"))
async def read_archive(job: ReadArchive, imports: Imports, sources: Places, bus: InjectedBus) -> None:
    """Make objects of an uploaded archive; a second time, the same ones."""
    holder = new_id()
    record = await _take_up(job.import_id, holder, imports)
    if record is None:
        return
    if record.imported.state == "running":
        await bus.publish(record.changed())
        record = await _import(record, holder, imports, sources, bus)
    await tell_import_ended(record, imports, bus)


@router.subscriber(**consume_dead_letters(ReadArchive, by="export"))
async def give_up_import(job: ReadArchive, imports: Imports, bus: InjectedBus) -> None:
    """Fail an import whose job failed, or was killed, every time."""
    failed = await imports.fail(job.import_id, reason_for("import_failed_repeatedly"))
    if failed is not None:
        IMPORTS.labels("failed").inc()
    record = failed or await imports.find(job.import_id)
    if record is not None and record.imported.state == "failed":
        await tell_import_ended(record, imports, bus)


async def _take_up(import_id: str, holder: str, imports: ImportStore) -> ImportRecord | None:
    """The import, running in the hands of `holder`, or already ended; None if it does not exist.

    Where another process has it, waits: that one ends it, or is gone and holds it no more.
    """
    while True:
        if record := await imports.begin(import_id, holder, time.time()):
            return record
        found = await imports.find(import_id)
        if found is None or found.imported.state in ("done", "cancelled", "failed"):
            return found
        await asyncio.sleep(_LOOK_EVERY_S)


async def _import(
    record: ImportRecord, holder: str, imports: ImportStore, sources: Destinations, bus: Bus
) -> ImportRecord:
    """Carry out an import that `holder` has; how it ended."""
    started, work, import_id = time.monotonic(), Work(), record.imported.id
    watching = asyncio.create_task(_watch(import_id, holder, work, imports, bus))
    try:
        await fetch(record, work, imports, sources, bus)
        await carry_out(record.imported, work, bus)
    except Undecodable as refused:
        return await _failed(record, refused.reason, imports)
    except Problem as problem:
        if problem.kind in _RETRIED:
            raise
        return await _failed(record, problem.reason, imports)
    except Stopped:
        return await _ended(import_id, imports)
    finally:
        watching.cancel()
    kept_until = time.time() + KEPT_S if record.imported.dry_run else None
    finished = await imports.finish(import_id, holder, work.outcome(), kept_until)
    if finished is not None:
        IMPORTS.labels("done").inc()
        IMPORT_SECONDS.observe(time.monotonic() - started)
        IMPORTED_OBJECTS.labels("created").inc(work.counts.created)
        IMPORTED_OBJECTS.labels("refused").inc(work.counts.refused)
    return finished or await _ended(import_id, imports)


async def _failed(record: ImportRecord, reason: Reason, imports: ImportStore) -> ImportRecord:
    IMPORTS.labels("failed").inc()
    return await imports.fail(record.imported.id, reason) or await _ended(record.imported.id, imports)


async def _ended(import_id: str, imports: ImportStore) -> ImportRecord:
    """The import that was ended by others: cancelled, or taken over by a process that took this one for dead."""
    found = await imports.find(import_id)
    if found is None or found.imported.state == "running":
        raise ImportTakenOverError(import_id)
    return found


class ImportTakenOverError(Exception):
    """Another process does this import; this one's message comes again, and finds out how it ended."""


async def _watch(import_id: str, holder: str, work: Work, imports: ImportStore, bus: Bus) -> None:
    told = 0.0
    while True:
        await asyncio.sleep(_LOOK_EVERY_S)
        try:
            if not await imports.hold(import_id, holder, time.time()):
                break
            if work.share - told >= _STEP:
                told = work.share
                if changed := await imports.progress(import_id, holder, told, work.outcome()):
                    await bus.publish(changed.changed())
        except (PyMongoError, NatsError) as error:
            # A server that is away for a moment is no reason to begin again.
            log.warning("import goes on unwatched", imported=import_id, error=repr(error))
    work.halted.set()
