"""Questions about stored media."""

from typing import Annotated

from faststream.nats import NatsRouter

from common.contract.media import Medium
from common.contract.questions import DeleteMedium, Empty, GetMedium, ListMedia, MediaList
from common.messaging.dependencies import Dependency
from common.messaging.handlers import request_handler
from ingest.media.repository import MediaRepository
from ingest.media.service import MediaService

router = NatsRouter()
Media = Annotated[MediaRepository, Dependency("media")]
Service = Annotated[MediaService, Dependency("media_service")]


@router.subscriber(**request_handler(GetMedium))
async def get_medium(question: GetMedium, service: Service) -> Medium:
    """A medium."""
    return await service.get(question.media_id)


@router.subscriber(**request_handler(ListMedia))
async def list_media(question: ListMedia, media: Media) -> MediaList:
    """A page of a project's media."""
    return await media.page(question)


@router.subscriber(**request_handler(DeleteMedium))
async def delete_medium(question: DeleteMedium, service: Service) -> Empty:
    """Delete a medium."""
    await service.delete(question.media_id, delete_source=question.delete_source)
    return Empty()
