"""What the service tells of an import: that it is to be carried out, and how it ended."""

import asyncio
import time

from common.messaging.bus import Bus
from export.importing.repository import ImportRecord, ImportStore
from export.storage.archives import Archives

_LOOK_EVERY_S = 30.0
_LOST_AFTER_S = 10.0


async def tell_import_queued(record: ImportRecord, imports: ImportStore, bus: Bus) -> None:
    """Queue the job of a new import; telling it twice is harmless."""
    await bus.publish(record.changed())
    await bus.publish(record.job())
    await imports.note_told(record.imported.id)


async def tell_forgotten_imports(imports: ImportStore, bus: Bus) -> None:
    """Queue, for as long as the service runs, the jobs of imports whose process died before it could."""
    while True:
        for record in await imports.untold(time.time() - _LOST_AFTER_S):
            await tell_import_queued(record, imports, bus)
        await asyncio.sleep(_LOOK_EVERY_S)


async def remove_kept_archives(imports: ImportStore, bus: Bus) -> None:
    """Remove, for as long as the service runs, what dry runs looked at and nobody had carried out."""
    while True:
        for record in await imports.kept_too_long(time.time()):
            await asyncio.to_thread(Archives(bus.objects).clear, record.imported.object_key)
            await imports.give_away(record.imported.id)
        await asyncio.sleep(_LOOK_EVERY_S)


async def tell_import_ended(record: ImportRecord, imports: ImportStore, bus: Bus) -> None:
    """Remove the archive, and the keys to where it came from, once they are not needed any more, and tell how the
    import ended; twice is harmless."""
    if record.imported.kept_until is None:
        await asyncio.to_thread(Archives(bus.objects).clear, record.imported.object_key)
    if record.imported.source is not None:
        await imports.forget_keys(record.imported.id)
    await bus.publish(record.changed())
