"""What annotation answers about labels of whole media."""

from typing import Annotated

from faststream.nats import NatsRouter

from annotation.domain.object_class import kind_named
from annotation.media_labels.service import MediaLabels
from annotation.missions.repository import MissionStore
from common.contract.questions import LabelMedia, OperationResult, SyncLabels
from common.messaging.dependencies import Dependency
from common.messaging.handlers import request_handler
from common.service.errors import invalid

router = NatsRouter()
Labels = Annotated[MediaLabels, Dependency("media_labels")]
Missions = Annotated[MissionStore, Dependency("missions")]


@router.subscriber(**request_handler(LabelMedia))
async def label_media(question: LabelMedia, labels: Labels, missions: Missions) -> OperationResult:
    """Add a label to media, remove it, or make it their default; what became of it."""
    if question.action == "add" and question.media is None:
        raise invalid("media", "Say which media get the label.")
    kind = kind_named(await missions.of_project(question.project_id), question.mission, question.category)
    if kind is None:
        raise invalid("category", f"The project has no category {question.category!r}; add it to a mission first.")
    return await labels.label(question, kind)


@router.subscriber(**request_handler(SyncLabels))
async def sync_labels(question: SyncLabels, labels: Labels) -> OperationResult:
    """Label media with what is on them; what became of it."""
    return await labels.sync(question)
