"""The inference service: detectors suggest tracks for clips, and quick label fills gaps between keyframes."""

from pathlib import Path

from fastapi import FastAPI

from common.messaging.bus import Bus
from common.service.app import service
from common.service.settings import Settings
from common.storage.mongo import database
from inference.clips.repository import ClipRepository
from inference.models import requests as model_requests
from inference.models.registry import ModelRegistry
from inference.runs import consumers as run_consumers
from inference.runs import requests as run_requests
from inference.runs.outbox import RunOutbox
from inference.runs.repository import MIGRATIONS, RunRepository
from inference.runs.service import RunService
from inference.tracking import consumers as tracking_consumers
from inference.tracking.service import TaskService


class InferenceSettings(Settings):
    """`models`: the folder with ONNX files and their manifests."""

    models: Path = Path(__file__).parent / "models"


def create() -> FastAPI:
    """The service, wired; run by `uvicorn --factory inference.app:create`."""
    settings = InferenceSettings()
    bus = Bus("inference", settings)
    db = database(settings)
    runs, clips, models = RunRepository(db), ClipRepository(bus.objects), ModelRegistry(settings.models)
    outbox = RunOutbox(runs, bus)
    run_service = RunService(runs, outbox, models, bus)
    return service(
        bus,
        model_requests.router,
        run_requests.router,
        run_consumers.router,
        tracking_consumers.router,
        database=db,
        migrations=MIGRATIONS,
        background=[outbox.run],
        run_service=run_service,
        clips=clips,
        models=models,
        tasks=TaskService(runs, run_service, clips, models, bus),
    )
