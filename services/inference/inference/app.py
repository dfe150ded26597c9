"""Inference: detectors propose tracks for clips."""

from pathlib import Path

from fastapi import FastAPI

from common.messaging.bus import Bus
from common.service.app import service
from common.service.settings import Settings
from common.storage.mongo import database
from inference.clips.repository import FootageStore
from inference.models.detector import Shelf
from inference.runs import consumers as handlers
from inference.runs import requests as answers
from inference.runs.announcing import Announcer
from inference.runs.repository import MIGRATIONS, RunStore


class InferenceSettings(Settings):
    """`models`: the folder with ONNX files and their manifests."""

    models: Path = Path(__file__).parent / "models"


def create() -> FastAPI:
    """The service, wired."""
    settings = InferenceSettings()
    bus = Bus("inference", settings)
    db = database(settings)
    runs = RunStore(db)
    announcer = Announcer(bus, runs)
    return service(
        bus,
        answers.router,
        handlers.router,
        database=db,
        migrations=MIGRATIONS,
        background=[announcer.catch_up],
        runs=runs,
        models=Shelf(settings.models),
        footage=FootageStore(bus.objects),
        announcer=announcer,
    )
