"""The ingest service: files come in part by part and become media."""

import asyncio
import time
from datetime import UTC, datetime

from fastapi import FastAPI

from common.messaging.bus import Bus
from common.service.app import service
from common.storage.mongo import database
from ingest.media import consumers as handlers
from ingest.media.repository import MIGRATIONS, MediaStore
from ingest.metrics import UPLOADS
from ingest.settings import IngestSettings
from ingest.uploads import requests as answers
from ingest.uploads.repository import UploadStore
from ingest.uploads.requests import carry_out, tell_stored

SWEEP_EVERY_S = 15.0


def create() -> FastAPI:
    """The service, wired; run by `uvicorn --factory ingest.app:create`."""
    settings = IngestSettings()
    bus = Bus("ingest", settings)
    own = database(settings)
    media, uploads = MediaStore(own, bus.objects), UploadStore(own, bus.objects)

    async def sweep_for_ever() -> None:
        while True:
            await sweep(media, uploads, bus, settings)
            await asyncio.sleep(SWEEP_EVERY_S)

    return service(
        bus,
        handlers.router,
        answers.router,
        database=own,
        migrations=MIGRATIONS,
        background=[sweep_for_ever],
        media=media,
        uploads=uploads,
        limits=settings,
    )


async def sweep(media: MediaStore, uploads: UploadStore, bus: Bus, settings: IngestSettings) -> None:
    """Finish what a killed process began, and drop uploads that nobody goes on with."""
    async for record in media.untold(before=time.time() - SWEEP_EVERY_S):
        await tell_stored(record, media, bus)
    for deletion in await media.deletions():
        await carry_out(deletion, media, bus)
    for upload in await uploads.untidy():
        await uploads.tidy(upload)
    for upload in await uploads.abandoned(before=datetime.now(UTC) - settings.upload_kept):
        await uploads.drop(upload, joined=upload["state"] == "joining")
        UPLOADS.labels("abandoned").inc()
