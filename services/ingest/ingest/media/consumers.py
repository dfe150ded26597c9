"""Hash jobs, and facts of other services about media."""

from typing import Annotated

from faststream.nats import NatsRouter

from common.contract.events import ClipReady, ClipState, HashMedium, MediaFailed, MediaPlanned, MediaReady
from common.messaging.delivery import consume
from common.messaging.dependencies import Dependency
from ingest.media.repository import MediaRepository
from ingest.media.service import MediaService

router = NatsRouter()
Media = Annotated[MediaRepository, Dependency("media")]
Service = Annotated[MediaService, Dependency("media_service")]


@router.subscriber(**consume(HashMedium, by="ingest"))
async def hash_medium(job: HashMedium, service: Service) -> None:
    """Store the SHA-256 of a medium."""
    await service.hash(job)


@router.subscriber(**consume(MediaPlanned, by="ingest"))
async def store_footage(planned: MediaPlanned, media: Media) -> None:
    """Store how large and how long a medium is."""
    await media.set_footage(planned.media_id, planned.footage)


@router.subscriber(**consume(ClipReady, by="ingest"))
async def store_clip(clip: ClipReady, media: Media) -> None:
    """Store that a clip can be labeled."""
    await media.add_clip(clip.media_id, clip.clip, clip.first, clip.last)


@router.subscriber(**consume(MediaReady, by="ingest"))
async def store_ready(ready: MediaReady, media: Media) -> None:
    """Store that all clips can be labeled."""
    await media.set_ready(ready.media_id, ready.footage)


@router.subscriber(**consume(MediaFailed, by="ingest"))
async def store_failure(failed: MediaFailed, media: Media) -> None:
    """Store why a medium cannot be labeled."""
    await media.set_failed(failed.media_id, failed.reason)


@router.subscriber(**consume(ClipState, by="ingest"))
async def store_labels(state: ClipState, media: Media) -> None:
    """Store the label state of a clip."""
    await media.set_labels(state.media_id, state.clip, state.revision, state.label_state, state.objects)
