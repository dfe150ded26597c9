"""Use cases of clips: copy, encode, fail, delete; and the facts that follow from what is stored.

Every step can be repeated: a rendition that exists is not made again, and publishing a fact twice is harmless.
"""

from dataclasses import dataclass

import structlog

from common.contract.clips import Rendition
from common.contract.errors import Reason, reason_for
from common.contract.events import CutClip, EncodeClip
from common.contract.media import Footage
from common.messaging.outbox import Publisher
from common.sandbox.parent import LimitExceeded, Undecodable
from frames.clips.events import clip_ready, copy_job, media_failed, media_planned, media_ready, proxy_job
from frames.clips.repository import ClipRepository
from frames.domain.clip_index import copied_index, encoded_index
from frames.domain.media import MediaRecord, PlannedClip
from frames.metrics import FRAMES_CUT, REFUSED, WORK_SECONDS
from frames.transcoder import Transcoder

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class ClipService:
    """Clips, from their plan to their renditions."""

    clips: ClipRepository
    transcoder: Transcoder
    bus: Publisher

    async def copy(self, job: CutClip) -> None:
        """Copy a clip's samples from the source."""
        found = await self.clips.open_clip(job.media_id, job.clip)
        if found is None:
            return
        if "copy" not in found.clip.renditions:
            with WORK_SECONDS.labels("copy").time():
                await self.clips.copy_samples(found.medium, found.plan)
            index = copied_index(found.medium.media_id, found.plan, found.medium.video)
            await self.clips.put_rendition(found.medium, index)
            FRAMES_CUT.labels("copy").inc(found.plan.count)
        await self._publish_rendition(found, "copy")

    async def encode(self, job: EncodeClip) -> None:
        """Encode a clip's proxy."""
        found = await self.clips.open_clip(job.media_id, job.clip)
        if found is None:
            return
        try:
            if "proxy" not in found.clip.renditions:
                await self._encode_proxy(found)
        except Undecodable as error:
            # A copy is kept: a browser may decode it, even if this decoder does not.
            if not found.clip.renditions:
                await self.fail(found.medium, _clip_reason(job.clip, error), error)
            return
        await self._publish_rendition(found, "proxy")

    async def encode_instead(self, job: CutClip) -> None:
        """Encode a clip whose samples could not be copied."""
        if found := await self.clips.open_clip(job.media_id, job.clip):
            await self.bus.publish(proxy_job(found.medium, job.clip))

    async def give_up_encoding(self, job: EncodeClip) -> None:
        """Fail the medium of a clip that could not be encoded, unless there is a copy."""
        found = await self.clips.open_clip(job.media_id, job.clip)
        if found is not None and not found.clip.renditions:
            await self.fail(found.medium, reason_for("processing_failed_repeatedly"))

    async def fail(self, record: MediaRecord, reason: Reason, error: Undecodable | None = None) -> None:
        """Fail a medium for good. The first reason is kept."""
        REFUSED.labels("limit" if isinstance(error, LimitExceeded) else "undecodable" if error else "given up").inc()
        if record.state == "deleted":
            return
        kept = await self.clips.fail(record.media_id, reason)
        log.info("medium failed", media_id=record.media_id, reason=kept.code)
        await self.bus.publish(media_failed(record, kept))

    async def delete(self, project_id: str, media_id: str) -> None:
        """Delete everything that was derived from a medium."""
        await self.clips.delete(project_id, media_id)

    async def queue_planned_clip(self, record: MediaRecord, clip: int, *, can_copy: bool) -> None:
        """Queue the first rendition of a clip that was just planned. A person waits for the first clip: if it can be
        copied, that is done at once and not behind other people's clips."""
        log.info("clip planned", media_id=record.media_id, clip=clip, can_copy=can_copy)
        if not can_copy:
            await self.bus.publish(proxy_job(record, clip))
        elif clip == 0:
            await self.copy(copy_job(record, clip))
        else:
            await self.bus.publish(copy_job(record, clip))

    async def finish_planning(self, record: MediaRecord, footage: Footage) -> None:
        """Store and publish the footage of a medium, and queue the proxies that follow its copies."""
        await self.clips.finish_planning(record.media_id, footage)
        await self.bus.publish(media_planned(record, footage))
        for clip in await self.clips.clips(record.media_id):
            if clip.can_copy and clip.needs_proxy:
                await self.bus.publish(proxy_job(record, clip.clip))
            # The only rendition of an image exists already.
            await self.bus.publish(*(clip_ready(record, clip, "still") for _ in clip.renditions & {"still"}))
        await self._publish_if_ready(record.media_id)

    async def republish(self, record: MediaRecord) -> None:
        """Publish all facts and jobs of a planned medium again."""
        assert record.footage is not None
        await self.bus.publish(media_planned(record, record.footage))
        clips = await self.clips.clips(record.media_id)
        for clip in clips:
            await self.bus.publish(*(clip_ready(record, clip, rendition) for rendition in sorted(clip.renditions)))
            if clip.needs_copy:
                await self.bus.publish(copy_job(record, clip.clip))
        for clip in clips:
            if clip.needs_proxy:
                await self.bus.publish(proxy_job(record, clip.clip))
        await self._publish_if_ready(record.media_id)

    async def _encode_proxy(self, found: PlannedClip) -> None:
        """Encode a clip to S3 segment by segment, then store its index."""
        with WORK_SECONDS.labels("proxy").time():
            async with (
                self.clips.samples_writer(found.medium, found.plan.clip, "proxy") as writer,
                self.transcoder.encode(found.medium, found.plan) as messages,
            ):
                encoded = (await anext(aiter(messages))).head
                sizes = []
                async for segment in messages:
                    sizes.append(segment.head["sizes"])
                    await writer.send(segment.body)
        index = encoded_index(found.medium.media_id, found.plan, found.medium.video, encoded, sizes)
        await self.clips.put_rendition(found.medium, index)
        FRAMES_CUT.labels("proxy").inc(found.plan.count)

    async def _publish_rendition(self, found: PlannedClip, rendition: Rendition) -> None:
        if await self.clips.delete_if_deleted(found.medium.media_id):
            return
        log.info("clip ready", media_id=found.medium.media_id, clip=found.clip.clip, rendition=rendition)
        await self.bus.publish(clip_ready(found.medium, found.clip, rendition))
        await self._publish_if_ready(found.medium.media_id)

    async def _publish_if_ready(self, media_id: str) -> None:
        record = await self.clips.find(media_id)
        if record is None or record.footage is None or not record.is_open:
            return
        clips = await self.clips.clips(media_id)
        if len(clips) == record.footage.clip_count and all(clip.renditions for clip in clips):
            await self.bus.publish(media_ready(record, record.footage))


def _clip_reason(clip: int, error: Undecodable) -> Reason:
    if isinstance(error, LimitExceeded):
        return error.reason
    return reason_for("clip_not_decodable", clip=clip + 1)
