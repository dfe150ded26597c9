"""The annotation service: objects, edits, history, missions. Run by `uvicorn --factory annotation.app:create`."""

from fastapi import FastAPI

from annotation.clips.counter import ClipCounter
from annotation.clips.repository import ClipRepository
from annotation.history import requests as history_requests
from annotation.history.repository import HistoryRepository
from annotation.indexes import MIGRATIONS
from annotation.media import consumers as media_consumers
from annotation.media.repository import MediaRepository
from annotation.media_labels import requests as media_label_requests
from annotation.media_labels.repository import MediaLabelRepository
from annotation.media_labels.service import MediaLabelService
from annotation.missions import requests as mission_requests
from annotation.missions.ontologies import OntologyService
from annotation.missions.reclassification import ReclassificationService
from annotation.missions.repository import MissionRepository
from annotation.missions.service import MissionService
from annotation.objects import consumers as object_consumers
from annotation.objects import requests as object_requests
from annotation.objects.batch_repository import BatchRepository
from annotation.objects.by_class import ObjectsByClass
from annotation.objects.repository import ObjectRepository
from annotation.objects.service import EditService
from annotation.objects.tracking import TrackingService
from annotation.operations import requests as operation_requests
from annotation.operations.service import OperationService
from annotation.outbox.changes import ChangeRepository
from annotation.outbox.events import EventRepository
from annotation.outbox.publisher import POLL_S, BacklogMonitor, OutboxPublisher
from annotation.sessions import requests as session_requests
from annotation.sessions.labeling_time import LabelingTimeRepository
from annotation.sessions.repository import SessionRepository
from annotation.sessions.service import SessionService
from annotation.snapshots import requests as snapshot_requests
from annotation.snapshots.repository import SnapshotRepository
from annotation.snapshots.service import SnapshotService
from annotation.statistics import requests as statistics_requests
from annotation.statistics.repository import StatisticsRepository
from annotation.suggestions import consumers as suggestion_consumers
from annotation.suggestions import requests as suggestion_requests
from annotation.suggestions.filing import FilingService
from annotation.suggestions.repository import SuggestionRepository
from annotation.suggestions.service import ReviewService
from common.messaging.bus import Bus
from common.messaging.outbox import Outbox
from common.service.app import service
from common.service.settings import Settings
from common.storage.mongo import database

ROUTERS = (
    object_requests.router,
    object_consumers.router,
    operation_requests.router,
    history_requests.router,
    snapshot_requests.router,
    statistics_requests.router,
    media_consumers.router,
    media_label_requests.router,
    mission_requests.router,
    session_requests.router,
    suggestion_requests.router,
    suggestion_consumers.router,
)


def create() -> FastAPI:
    """Create the service with its dependencies."""
    settings = Settings()
    bus = Bus("annotation", settings)
    labeling = database(settings)
    media = MediaRepository(labeling, bus.objects)
    clips = ClipRepository(labeling)
    changes = ChangeRepository(labeling, media, clips)
    change_outbox = OutboxPublisher(changes, bus, bus.objects)
    events = EventRepository(labeling)
    event_outbox = Outbox(events, bus, poll_s=POLL_S, grace_s=0.0)
    ontologies = OntologyService(MissionRepository(labeling, events), event_outbox.wake)
    objects = ObjectRepository(labeling)
    by_class = ObjectsByClass(labeling)
    editing = EditService(BatchRepository(labeling), media, ontologies, change_outbox.wake)
    media_labels = MediaLabelService(MediaLabelRepository(labeling), by_class, media, editing)
    history = HistoryRepository(labeling)
    suggestions = SuggestionRepository(labeling, events)
    labeling_time = LabelingTimeRepository(labeling)
    return service(
        bus,
        *ROUTERS,
        database=labeling,
        migrations=MIGRATIONS,
        background=[
            change_outbox.run,
            event_outbox.run,
            ClipCounter(clips, media, bus).run,
            BacklogMonitor(changes).run,
        ],
        editing=editing,
        labeled_objects=objects,
        objects_by_class=by_class,
        tracking=TrackingService(editing, objects, media),
        operations=OperationService(editing, objects, history),
        history=history,
        snapshots=SnapshotService(SnapshotRepository(labeling, history), bus.objects, ontologies),
        statistics=StatisticsRepository(labeling),
        media=media,
        clips=clips,
        media_labels=media_labels,
        ontologies=ontologies,
        missions=MissionService(
            MissionRepository(labeling, events),
            ontologies,
            by_class,
            ReclassificationService(by_class, editing, media_labels),
        ),
        sessions=SessionService(SessionRepository(labeling), labeling_time),
        labeling_time=labeling_time,
        suggestions=suggestions,
        filing=FilingService(suggestions, editing, media, ontologies),
        reviews=ReviewService(suggestions, editing, objects, media, ontologies, event_outbox.wake),
    )
