"""Facts about media and clips."""

from typing import Annotated

from faststream.nats import NatsRouter

from annotation.clips.repository import ClipRepository
from annotation.media.repository import MediaRepository
from common.contract.events import ClipReady, MediaDeleted, MediaPlanned
from common.messaging.delivery import consume
from common.messaging.dependencies import Dependency

router = NatsRouter()
Media = Annotated[MediaRepository, Dependency("media")]
Clips = Annotated[ClipRepository, Dependency("clips")]


@router.subscriber(**consume(MediaPlanned, by="annotation"))
async def store_length(planned: MediaPlanned, media: Media) -> None:
    """Accept keyframes on every frame of the medium."""
    footage = planned.footage
    size = (footage.width, footage.height)
    await media.set_length(planned.project_id, planned.media_id, footage.frame_count, size)


@router.subscriber(**consume(ClipReady, by="annotation"))
async def extend_medium(ready: ClipReady, media: Media, clips: Clips) -> None:
    """Accept keyframes on the frames of the clip, and count objects that extend into it from earlier clips."""
    await media.extend(ready.project_id, ready.media_id, ready.last + 1, (ready.width, ready.height))
    if await clips.is_crossed(ready.media_id, ready.first, ready.last):
        await clips.mark([(ready.project_id, ready.media_id, ready.clip)])


@router.subscriber(**consume(MediaDeleted, by="annotation"))
async def delete_labels(deleted: MediaDeleted, media: Media) -> None:
    """Remove all labels of the medium."""
    await media.delete(deleted.project_id, deleted.media_id)
