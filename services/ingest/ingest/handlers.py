"""What happens to media after their upload: they are hashed, and what others tell of them is recorded."""

import hashlib
from typing import Annotated

from faststream import Context
from faststream.nats import NatsRouter

from common.bus import Roads, consume
from common.events import ClipReady, ClipState, HashMedium, MediaFailed, MediaHashed, MediaPlanned, MediaReady
from common.objects import NoSuchObject
from ingest.metrics import HASHED_BYTES
from ingest.store import MediaStore

router = NatsRouter()
Media = Annotated[MediaStore, Context("media")]


@router.subscriber(**consume(HashMedium, by="ingest"))
async def hash_medium(job: HashMedium, media: Media, bus: Roads) -> None:
    """Read a medium once, whatever its size, and record its SHA-256."""
    if await media.find(job.media_id) is None:
        return
    digest, size = hashlib.sha256(), 0
    try:
        async for chunk in media.objects.stream(job.object_key):
            digest.update(chunk)
            size += len(chunk)
    except NoSuchObject:
        if await media.find(job.media_id) is None:
            return
        raise
    if size != job.size_bytes:
        raise OSError(f"{job.object_key} ended after {size} of {job.size_bytes} bytes")
    HASHED_BYTES.inc(size)
    found = digest.hexdigest()
    broken = None
    if job.expected_sha256 not in (None, found):
        broken = "The bytes that arrived are not those that were sent: their SHA-256 differs. Upload the file again."
    await media.hashed(job.media_id, found, broken)
    await bus.tell(MediaHashed(project_id=job.project_id, media_id=job.media_id, sha256=found))


@router.subscriber(**consume(MediaPlanned, by="ingest"))
async def note_plan(planned: MediaPlanned, media: Media) -> None:
    """Record how large and how long a medium is."""
    await media.planned(planned.media_id, planned.footage)


@router.subscriber(**consume(ClipReady, by="ingest"))
async def note_clip(clip: ClipReady, media: Media) -> None:
    """Record that a clip can be labeled."""
    await media.clip_ready(clip.media_id, clip.clip, clip.first, clip.last)


@router.subscriber(**consume(MediaReady, by="ingest"))
async def note_ready(ready: MediaReady, media: Media) -> None:
    """Record that all clips can be labeled."""
    await media.ready(ready.media_id, ready.footage)


@router.subscriber(**consume(MediaFailed, by="ingest"))
async def note_failure(failed: MediaFailed, media: Media) -> None:
    """Record why a medium cannot be labeled."""
    await media.failed(failed.media_id, failed.reason)


@router.subscriber(**consume(ClipState, by="ingest"))
async def note_labels(state: ClipState, media: Media) -> None:
    """Record how far the labeling of a clip is."""
    await media.labeled(state.media_id, state.clip, state.revision, state.label_state, state.objects)
