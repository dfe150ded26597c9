"""The frames service: stored media become clips that can be shown and labeled, frame by frame."""

import asyncio

from fastapi import FastAPI

from common.messaging.bus import Bus
from common.service.app import service
from common.storage.mongo import database
from frames.clips import consumers as handlers
from frames.clips.repository import MIGRATIONS, FootageStore
from frames.rendering import requests as answers
from frames.settings import FramesSettings
from frames.transcoder import Cutter


def create() -> FastAPI:
    """The service, wired; run by `uvicorn --factory frames.app:create`."""
    settings = FramesSettings()
    bus = Bus("frames", settings)
    own = database(settings)
    return service(
        bus,
        handlers.router,
        answers.router,
        database=own,
        migrations=MIGRATIONS,
        footage=FootageStore(own, bus.objects),
        cutter=Cutter(bus.objects, settings),
        rendering=asyncio.Semaphore(settings.renders_at_once),
    )
