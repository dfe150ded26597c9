"""An outbox publisher that kills its process with SIGKILL after publishing and before marking."""

import asyncio
import os
import signal
from collections.abc import Sequence

from annotation.clips.repository import ClipRepository
from annotation.media.repository import MediaRepository
from annotation.outbox.changes import ChangeRepository, UnpublishedChange
from annotation.outbox.publisher import OutboxPublisher
from common.messaging.bus import Bus
from common.service.settings import Settings
from common.storage.mongo import database


class KilledBeforeMarking(ChangeRepository):
    """Kills its process instead of clearing marks."""

    async def mark_published(self, _: Sequence[UnpublishedChange]) -> None:
        os.kill(os.getpid(), signal.SIGKILL)


async def main() -> None:
    settings = Settings()
    bus = Bus("annotation", settings)
    await bus.broker.connect()
    mongo = database(settings)
    changes = KilledBeforeMarking(mongo, MediaRepository(mongo, bus.objects), ClipRepository(mongo))
    await OutboxPublisher(changes, bus, bus.objects).publish_pending()


asyncio.run(main())
