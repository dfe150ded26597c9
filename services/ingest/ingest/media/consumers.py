"""What happens to media after their upload: they are hashed, and what others tell of them is recorded."""

import asyncio
import hashlib
from typing import Annotated

from faststream.nats import NatsRouter

from common.contract.errors import reason_for
from common.contract.events import ClipReady, ClipState, HashMedium, MediaFailed, MediaHashed, MediaPlanned, MediaReady
from common.messaging.bus import InjectedBus
from common.messaging.delivery import consume
from common.messaging.dependencies import Dependency
from common.storage.objects import NoSuchObject, Objects
from ingest.media.repository import MediaStore
from ingest.metrics import HASHED_BYTES

router = NatsRouter()
Media = Annotated[MediaStore, Dependency("media")]
BLOCK = 8 * 1024 * 1024


@router.subscriber(**consume(HashMedium, by="ingest"))
async def hash_medium(job: HashMedium, media: Media, bus: InjectedBus) -> None:
    """Read a medium once, whatever its size, and record its SHA-256."""
    if await media.find(job.media_id) is None:
        return
    try:
        found = await asyncio.to_thread(sha256_of, media.objects, job.object_key, job.size_bytes)
    except NoSuchObject:
        if await media.find(job.media_id) is None:
            return
        raise
    HASHED_BYTES.inc(job.size_bytes)
    broken = None
    if job.expected_sha256 not in (None, found):
        broken = reason_for("checksum_mismatch")
    await media.hashed(job.media_id, found, broken)
    await bus.publish(MediaHashed(project_id=job.project_id, media_id=job.media_id, sha256=found))


def sha256_of(objects: Objects, key: str, size_bytes: int) -> str:
    """The SHA-256 of an object, read block by block. Raises NoSuchObject."""
    digest = hashlib.sha256()
    for offset in range(0, size_bytes, BLOCK):
        block = objects.read_range(key, offset, min(BLOCK, size_bytes - offset))
        if len(block) != min(BLOCK, size_bytes - offset):
            raise OSError(f"{key} is shorter than {size_bytes} bytes")
        digest.update(block)
    return digest.hexdigest()


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
