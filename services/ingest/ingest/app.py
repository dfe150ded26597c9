"""The ingest service: files are uploaded part by part and become media."""

import asyncio

from fastapi import FastAPI

from common.messaging.bus import Bus
from common.messaging.outbox import Outbox
from common.service.app import service
from common.storage.mongo import database
from ingest.media import consumers
from ingest.media import requests as media_requests
from ingest.media.repository import MIGRATIONS, MediaRepository
from ingest.media.service import MediaService
from ingest.settings import IngestSettings
from ingest.uploads import requests as upload_requests
from ingest.uploads.repository import UploadRepository
from ingest.uploads.service import UploadService

CLEAN_UP_EVERY_S = 15.0


def create() -> FastAPI:
    """The service, wired; run by `uvicorn --factory ingest.app:create`."""
    settings = IngestSettings()
    bus = Bus("ingest", settings)
    db = database(settings)
    media, uploads = MediaRepository(db, bus.objects), UploadRepository(db, bus.objects)
    outbox = Outbox(media, bus)
    media_service = MediaService(media, bus.objects, bus)
    upload_service = UploadService(uploads, media, outbox, settings)

    async def clean_up() -> None:
        while True:
            await media_service.complete_deletions()
            await upload_service.clean_up()
            await asyncio.sleep(CLEAN_UP_EVERY_S)

    return service(
        bus,
        consumers.router,
        media_requests.router,
        upload_requests.router,
        database=db,
        migrations=MIGRATIONS,
        background=[outbox.run, clean_up],
        media=media,
        media_service=media_service,
        upload_service=upload_service,
    )
