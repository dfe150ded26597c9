"""Requests for labels of whole media."""

from typing import Annotated

from faststream.nats import NatsRouter

from annotation.domain.object_class import resolve_class
from annotation.media_labels.service import MediaLabelService
from annotation.missions.ontologies import OntologyService
from common.contract.errors import Problem
from common.contract.questions import LabelMedia, OperationResult, SyncLabels
from common.messaging.dependencies import Dependency
from common.messaging.handlers import request_handler

router = NatsRouter()
MediaLabels = Annotated[MediaLabelService, Dependency("media_labels")]
Ontologies = Annotated[OntologyService, Dependency("ontologies")]


@router.subscriber(**request_handler(LabelMedia))
async def label_media(question: LabelMedia, media_labels: MediaLabels, ontologies: Ontologies) -> OperationResult:
    """Add a label to media, remove it, or make it their default label."""
    if question.action == "add" and question.media is None:
        raise Problem.of_field("media", "media_required")
    missions = await ontologies.missions(question.project_id)
    object_class = resolve_class(missions, question.mission, question.category)
    if object_class is None:
        raise Problem.of_field("category", "label_category_not_found", category=question.category)
    return await media_labels.label(question, object_class)


@router.subscriber(**request_handler(SyncLabels))
async def sync_labels(question: SyncLabels, media_labels: MediaLabels) -> OperationResult:
    """Label media with the categories of the objects on them."""
    return await media_labels.sync(question)
