"""The annotation service: objects, edits, history, missions; run by `uvicorn --factory annotation.app:create`."""

import gc

from fastapi import FastAPI

from annotation import answers, handlers
from annotation.relay import Census, Relay
from annotation.store.clips import ClipStore
from annotation.store.labels import LabelStore
from annotation.store.media import MediaStore
from annotation.store.migrations import MIGRATIONS
from annotation.store.missions import MissionStore
from annotation.store.outbox import Outbox
from annotation.store.snapshots import SnapshotStore
from annotation.store.suggestions import SuggestionStore
from common.bus import Bus
from common.mongo import database
from common.service import service
from common.settings import Settings


def create() -> FastAPI:
    """The service, wired."""
    collect_garbage_rarely()
    settings = Settings()
    bus = Bus("annotation", settings)
    labeling = database(settings)
    media = MediaStore(labeling, bus.objects)
    labels = LabelStore(labeling, media)
    clips = ClipStore(labeling)
    missions = MissionStore(labeling)
    relay = Relay(bus, Outbox(labeling, bus.objects), media, clips, labels.changed)
    census = Census(bus, clips, media, relay.marked)
    return service(
        bus,
        handlers.router,
        answers.router,
        database=labeling,
        migrations=MIGRATIONS,
        background=[relay.run, census.run],
        labels=labels,
        media=media,
        clips=clips,
        missions=missions,
        suggestions=SuggestionStore(labeling),
        snapshots=SnapshotStore(labeling, bus.objects, missions),
    )


def collect_garbage_rarely() -> None:
    """Have Python look for cycles less often: a batch of 500 edits makes some 100,000 values and not one cycle, and at
    the default threshold looking for them took a tenth of its time."""
    gc.set_threshold(50_000, 20, 20)
