"""A relay that is killed (by SIGKILL, from inside) after it published and before it noted so."""

import asyncio
import os
import signal

from annotation.clips.repository import ClipStore
from annotation.media.repository import MediaStore
from annotation.outbox.changes import Outbox
from annotation.outbox.publisher import Relay
from common.messaging.bus import Bus
from common.service.settings import Settings
from common.storage.mongo import database


class Forgetful(Outbox):
    """Dies where it should note what was told."""

    async def mark_told(self, ids: list[str]) -> None:
        os.kill(os.getpid(), signal.SIGKILL)


async def main() -> None:
    settings = Settings()
    bus = Bus("annotation", settings)
    await bus.broker.connect()
    mongo = database(settings)
    media = MediaStore(mongo, bus.objects)
    await Relay(bus, Forgetful(mongo, bus.objects), media, ClipStore(mongo), asyncio.Event()).publish()


asyncio.run(main())
