"""The annotation service: objects, edits, history, missions; run by `uvicorn --factory annotation.app:create`."""

from fastapi import FastAPI

from annotation.clips.repository import ClipStore
from annotation.history import requests as about_history
from annotation.history.repository import HistoryStore
from annotation.history.service import Operations
from annotation.indexes import MIGRATIONS
from annotation.media.repository import MediaStore
from annotation.media_labels import requests as about_media_labels
from annotation.media_labels.service import MediaLabels
from annotation.missions import requests as about_missions
from annotation.missions.reclassify import Moving
from annotation.missions.repository import MissionStore
from annotation.missions.service import MissionChanges
from annotation.objects import requests as about_objects
from annotation.objects.by_class import Uses
from annotation.objects.repository import LabelStore
from annotation.outbox.changes import Outbox
from annotation.outbox.events import Tellings
from annotation.outbox.publisher import Census, Messenger, Relay
from annotation.sessions import requests as about_work
from annotation.sessions.repository import SessionStore
from annotation.snapshots.repository import SnapshotStore
from annotation.statistics import requests as about_statistics
from annotation.statistics.repository import StatisticsStore
from annotation.suggestions import consumers
from annotation.suggestions import requests as about_suggestions
from annotation.suggestions.repository import SuggestionStore
from annotation.suggestions.service import Reviews
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
        consumers.router,
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
