"""The frames service: stored media become clips that can be shown and labeled, frame by frame."""

from fastapi import FastAPI

from common.messaging.bus import Bus
from common.service.app import service
from common.storage.mongo import database
from frames.clips import consumers as clip_consumers
from frames.clips import requests as clip_requests
from frames.clips.repository import MIGRATIONS, ClipRepository
from frames.clips.service import ClipService
from frames.planning import consumers as planning_consumers
from frames.planning.service import PlanningService
from frames.rendering import requests as rendering_requests
from frames.rendering.service import RenderingService
from frames.settings import FramesSettings
from frames.transcoder import Transcoder


def create() -> FastAPI:
    """The service, wired; run by `uvicorn --factory frames.app:create`."""
    settings = FramesSettings()
    bus = Bus("frames", settings)
    db = database(settings)
    clips = ClipRepository(db, bus.objects)
    transcoder = Transcoder(bus.objects, settings)
    clip_service = ClipService(clips, transcoder, bus)
    return service(
        bus,
        planning_consumers.router,
        clip_consumers.router,
        clip_requests.router,
        rendering_requests.router,
        database=db,
        migrations=MIGRATIONS,
        clips=clips,
        clip_service=clip_service,
        planning=PlanningService(clips, clip_service, transcoder),
        rendering=RenderingService(clips, transcoder, settings.renders_at_once),
    )
