"""The annotation service: objects, edits, history, missions; run by `uvicorn --factory annotation.app:create`."""

from fastapi import FastAPI

from annotation import handlers
from annotation.answers import history as about_history
from annotation.answers import media_labels as about_media_labels
from annotation.answers import missions as about_missions
from annotation.answers import objects as about_objects
from annotation.answers import statistics as about_statistics
from annotation.answers import suggestions as about_suggestions
from annotation.answers import work as about_work
from annotation.relay import Census, Messenger, Relay
from annotation.store.clips import ClipStore
from annotation.store.history import HistoryStore
from annotation.store.labels import LabelStore
from annotation.store.media import MediaStore
from annotation.store.media_labels import MediaLabels
from annotation.store.migrations import MIGRATIONS
from annotation.store.mission_changes import MissionChanges
from annotation.store.missions import MissionStore
from annotation.store.moving import Moving
from annotation.store.operations import Operations
from annotation.store.outbox import Outbox
from annotation.store.reviews import Reviews
from annotation.store.sessions import SessionStore
from annotation.store.snapshots import SnapshotStore
from annotation.store.statistics import StatisticsStore
from annotation.store.suggestions import SuggestionStore
from annotation.store.tellings import Tellings
from annotation.store.uses import Uses
from common.messaging.bus import Bus
from common.service.app import service
from common.service.settings import Settings
from common.storage.mongo import database


def create() -> FastAPI:
    """The service, wired."""
    settings = Settings()
    bus = Bus("annotation", settings)
    labeling = database(settings)
    media = MediaStore(labeling, bus.objects)
    tellings = Tellings(labeling)
    missions = MissionStore(labeling, tellings)
    labels = LabelStore(labeling, media, missions)
    media_labels = MediaLabels(labeling, labels, media)
    suggestions = SuggestionStore(labeling, tellings)
    history = HistoryStore(labeling)
    clips = ClipStore(labeling)
    relay = Relay(bus, Outbox(labeling, bus.objects), media, clips, labels.changed)
    census = Census(bus, clips, media, relay.marked)
    return service(
        bus,
        handlers.router,
        about_objects.router,
        about_history.router,
        about_statistics.router,
        about_missions.router,
        about_media_labels.router,
        about_suggestions.router,
        about_work.router,
        database=labeling,
        migrations=MIGRATIONS,
        background=[relay.run, census.run, Messenger(bus, tellings).run],
        labels=labels,
        history=history,
        operations=Operations(labels, history),
        statistics=StatisticsStore(labeling),
        media=media,
        clips=clips,
        missions=missions,
        mission_changes=MissionChanges(labeling, missions, Moving(labeling, labels, media_labels)),
        uses=Uses(labeling),
        media_labels=media_labels,
        suggestions=suggestions,
        reviews=Reviews(labeling, suggestions, labels, media, missions),
        sessions=SessionStore(labeling),
        snapshots=SnapshotStore(labeling, bus.objects, missions),
    )
