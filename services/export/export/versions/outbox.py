"""What the service tells of versions."""

import asyncio
import time

from common.messaging.bus import Bus
from export.versions.repository import VersionStore

_LOOK_EVERY_S = 30.0
_LOST_AFTER_S = 10.0


async def tell_news(version_id: str, versions: VersionStore, bus: Bus) -> None:
    """Tell what became of a version, if that was not done yet; twice is harmless."""
    news = await versions.news(version_id)
    if news is not None:
        await bus.publish(*news.facts)
        await versions.note_told(news)


async def tell_forgotten_news(versions: VersionStore, bus: Bus) -> None:
    """Tell, for as long as the service runs, what became of versions whose process died before it could."""
    while True:
        for version_id in await versions.untold(time.time() - _LOST_AFTER_S):
            await tell_news(version_id, versions, bus)
        await asyncio.sleep(_LOOK_EVERY_S)
