"""What the service tells of an export: that it is to be written, and how it ended."""

import asyncio
import time

from common.bus import Bus
from common.objects import snapshot_key
from export.store.archives import Archives
from export.store.exports import ExportStore, Record

_LOOK_EVERY_S = 30.0
_LOST_AFTER_S = 10.0


async def tell_queued(record: Record, exports: ExportStore, bus: Bus) -> None:
    """Queue the job of a new export; telling it twice is harmless."""
    await bus.tell(record.changed())
    await bus.tell(record.job())
    await exports.note_told(record.export.id)


async def tell_forgotten(exports: ExportStore, bus: Bus) -> None:
    """Queue, for as long as the service runs, the jobs of exports whose process died before it could."""
    while True:
        for record in await exports.untold(time.time() - _LOST_AFTER_S):
            await tell_queued(record, exports, bus)
        await asyncio.sleep(_LOOK_EVERY_S)


async def tell_ended(record: Record, archives: Archives, bus: Bus) -> None:
    """Remove what is not needed any more once an export has ended, and tell how it ended; twice is harmless."""
    await bus.objects.delete(snapshot_key(record.export.project_id, record.snapshot_id))
    if record.export.state == "done":
        await bus.tell(record.ready())
    else:
        await asyncio.to_thread(archives.clear, record.key)
    await bus.tell(record.changed())
