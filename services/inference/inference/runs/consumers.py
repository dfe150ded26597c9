"""Deleted media."""

from typing import Annotated

from faststream.nats import NatsRouter

from common.contract.events import MediaDeleted
from common.messaging.delivery import consume
from common.messaging.dependencies import Dependency
from inference.clips.repository import ClipRepository
from inference.runs.service import RunService

router = NatsRouter()
Clips = Annotated[ClipRepository, Dependency("clips")]
Service = Annotated[RunService, Dependency("run_service")]


@router.subscriber(**consume(MediaDeleted, by="inference"))
async def delete_medium(deleted: MediaDeleted, service: Service, clips: Clips) -> None:
    """Cancel the work on a medium, and delete what runs suggested for it."""
    await service.delete_medium(deleted.media_id, clips)
