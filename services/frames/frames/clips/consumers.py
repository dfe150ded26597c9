"""Jobs that make clips, and deleted media."""

from typing import Annotated

from faststream.nats import NatsRouter

from common.contract.events import CutClip, EncodeClip, MediaDeleted
from common.messaging.delivery import consume, consume_dead_letters
from common.messaging.dependencies import Dependency
from frames.clips.service import ClipService

router = NatsRouter()
Service = Annotated[ClipService, Dependency("clip_service")]


@router.subscriber(**consume(CutClip, by="frames"))
async def copy_clip(job: CutClip, service: Service) -> None:
    """Copy a clip's samples from the source."""
    await service.copy(job)


@router.subscriber(**consume(EncodeClip, by="frames"))
async def encode_clip(job: EncodeClip, service: Service) -> None:
    """Encode a clip for fast seeking."""
    await service.encode(job)


@router.subscriber(**consume(MediaDeleted, by="frames"))
async def delete_clips(deleted: MediaDeleted, service: Service) -> None:
    """Delete everything that was derived from a medium."""
    await service.delete(deleted.project_id, deleted.media_id)


@router.subscriber(**consume_dead_letters(CutClip, by="frames"))
async def give_up_copying(job: CutClip, service: Service) -> None:
    """Encode a clip that could not be copied."""
    await service.encode_instead(job)


@router.subscriber(**consume_dead_letters(EncodeClip, by="frames"))
async def give_up_encoding(job: EncodeClip, service: Service) -> None:
    """Fail the medium of a clip that could not be encoded."""
    await service.give_up_encoding(job)
