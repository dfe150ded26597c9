"""What this service says of a medium, and the jobs that it queues: the same thing is always the same event."""

import structlog

from common.contract.clips import Rendition
from common.contract.errors import Reason
from common.contract.events import ClipReady, CutClip, EncodeClip, MediaFailed, MediaPlanned, MediaReady
from common.contract.media import Footage
from common.messaging.bus import Bus
from common.sandbox.parent import LimitExceeded, Undecodable
from common.storage.objects import index_key
from frames.clips.repository import FootageStore
from frames.domain.media import CutState, Record
from frames.metrics import REFUSED

log = structlog.get_logger()


async def finish(record: Record, counted: Footage, footage: FootageStore, bus: Bus) -> None:
    """All frames are counted: say so, and have better renditions made behind the copies."""
    await footage.finish_plan(record.media_id, counted)
    await bus.publish(_planned(record, counted))
    for cut in await footage.cuts(record.media_id):
        if cut.can_copy and cut.needs_proxy:
            await bus.publish(first_job(record, cut.clip, can_copy=False))
        # An image's only rendition is there already.
        await bus.publish(*(_clip_ready(record, cut, "still") for _ in cut.renditions & {"still"}))
    await tell_if_ready(record.media_id, footage, bus)


async def tell_again(record: Record, footage: FootageStore, bus: Bus) -> None:
    """Everything that is to be said of a planned medium; what others know already is the same event again."""
    assert record.footage is not None
    await bus.publish(_planned(record, record.footage))
    cuts = await footage.cuts(record.media_id)
    for cut in cuts:
        await bus.publish(*(_clip_ready(record, cut, rendition) for rendition in sorted(cut.renditions)))
        if cut.needs_copy:
            await bus.publish(first_job(record, cut.clip, can_copy=True))
    for cut in cuts:
        if cut.needs_proxy:
            await bus.publish(first_job(record, cut.clip, can_copy=False))
    await tell_if_ready(record.media_id, footage, bus)


async def clip_done(record: Record, cut: CutState, rendition: Rendition, footage: FootageStore, bus: Bus) -> None:
    """Say that a rendition is there, and whether that makes the medium ready."""
    if await footage.sweep_if_deleted(record.media_id):
        return
    log.info("clip ready", media_id=record.media_id, clip=cut.clip, rendition=rendition)
    await bus.publish(_clip_ready(record, cut, rendition))
    await tell_if_ready(record.media_id, footage, bus)


async def tell_if_ready(media_id: str, footage: FootageStore, bus: Bus) -> None:
    """Say that every clip can be shown, as soon as that is true."""
    record = await footage.record(media_id)
    if record is None or record.footage is None or not record.is_open:
        return
    cuts = await footage.cuts(record.media_id)
    if len(cuts) == record.footage.clip_count and all(cut.renditions for cut in cuts):
        await bus.publish(MediaReady(project_id=record.project_id, media_id=record.media_id, footage=record.footage))


async def fail(
    record: Record, reason: Reason, footage: FootageStore, bus: Bus, refusal: Undecodable | None = None
) -> None:
    """Give a medium up for good, with the reason for its owner."""
    REFUSED.labels("limit" if isinstance(refusal, LimitExceeded) else "undecodable" if refusal else "given up").inc()
    if record.state == "deleted":
        return
    said = await footage.fail(record.media_id, reason)
    log.info("medium failed", media_id=record.media_id, reason=said.code)
    await bus.publish(MediaFailed(project_id=record.project_id, media_id=record.media_id, reason=said))


def first_job(record: Record, clip: int, *, can_copy: bool) -> CutClip | EncodeClip:
    """What makes a clip's first rendition."""
    if can_copy:
        return CutClip(project_id=record.project_id, media_id=record.media_id, clip=clip, rendition="copy")
    return EncodeClip(project_id=record.project_id, media_id=record.media_id, clip=clip)


def _planned(record: Record, counted: Footage) -> MediaPlanned:
    return MediaPlanned(project_id=record.project_id, media_id=record.media_id, footage=counted)


def _clip_ready(record: Record, cut: CutState, rendition: Rendition) -> ClipReady:
    return ClipReady(
        project_id=record.project_id,
        media_id=record.media_id,
        clip=cut.clip,
        first=cut.first,
        last=cut.last,
        rendition=rendition,
        index_key=index_key(record.project_id, record.media_id, cut.clip, rendition),
        width=record.video["width"],
        height=record.video["height"],
        fps=record.rate,
    )
