"""What the service tells of an export: that it is to be written, and how it ended."""

import asyncio
import time

from common.messaging.bus import Bus
from common.storage.objects import snapshot_key
from export.exporting.repository import ExportStore, Record
from export.storage.destinations import Destinations

_LOOK_EVERY_S = 30.0
_LOST_AFTER_S = 10.0


async def tell_queued(record: Record, exports: ExportStore, bus: Bus) -> None:
    """Queue the job of a new export; telling it twice is harmless."""
    await bus.publish(record.changed())
    await bus.publish(record.job())
    await exports.note_told(record.export.id)


async def tell_forgotten(exports: ExportStore, bus: Bus) -> None:
    """Queue, for as long as the service runs, the jobs of exports whose process died before it could."""
    while True:
        for record in await exports.untold(time.time() - _LOST_AFTER_S):
            await tell_queued(record, exports, bus)
        await asyncio.sleep(_LOOK_EVERY_S)


async def tell_ended(record: Record, exports: ExportStore, destinations: Destinations, bus: Bus) -> None:
    """Remove what is not needed any more once an export has ended, and tell how it ended; twice is harmless."""
    await bus.objects.delete(snapshot_key(record.export.project_id, record.snapshot_id))
    destination = destinations.of(record)
    if record.export.state != "done" and destination is not None:
        await asyncio.to_thread(destination.clear)
    if record.sealed is not None:
        await exports.forget_keys(record.export.id)
    if record.export.state == "done" and record.export.target is None:
        await bus.publish(record.ready())
    await bus.publish(record.changed())
