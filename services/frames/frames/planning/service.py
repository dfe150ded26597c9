"""Use cases of planning: find the frames of a medium, and queue each clip as soon as it is planned."""

from dataclasses import dataclass, replace
from typing import Any

import structlog

from common.contract.errors import reason_for
from common.contract.events import MediaStored
from common.sandbox.parent import Undecodable
from frames.clips.repository import ClipRepository
from frames.clips.service import ClipService
from frames.domain.clip_index import still_index
from frames.domain.media import MediaRecord, image_footage, video_footage
from frames.metrics import FRAMES_CUT, WORK_SECONDS
from frames.transcoder import Transcoder

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class PlanningService:
    """Plans of media."""

    repository: ClipRepository
    clips: ClipService
    transcoder: Transcoder

    async def plan(self, stored: MediaStored) -> None:
        """Plan a stored medium; one that is planned or failed has its facts published again."""
        record = await self.repository.add(stored)
        if record.state == "failed":
            await self.clips.fail(record, record.reason or reason_for("processing_failed_repeatedly"))
        elif record.state == "planned":
            await self.clips.republish(record)
        elif record.state == "planning":
            await self._plan(record)
        await self.repository.delete_if_deleted(stored.media_id)

    async def give_up(self, stored: MediaStored) -> None:
        """Fail a medium whose planning failed, or was killed, every time."""
        record = await self.repository.add(stored)
        await self.clips.fail(record, reason_for("processing_failed_repeatedly"))

    async def _plan(self, record: MediaRecord) -> None:
        log.info("planning", media_id=record.media_id, kind=record.kind, size_bytes=record.size_bytes)
        try:
            await (self._plan_image(record) if record.kind == "image" else self._plan_video(record))
        except Undecodable as error:
            await self.clips.fail(record, error.reason, error)

    async def _plan_video(self, record: MediaRecord) -> None:
        """Store the plans one by one: the first clip can be shown long before the last one is known."""
        video: dict[str, Any] = {}
        first_pts = clip_count = 0
        with WORK_SECONDS.labels("plan").time():
            async with self.transcoder.plan(record) as messages:
                async for message in messages:
                    head = message.head
                    if head["kind"] == "video":
                        video = head
                        await self.repository.describe(record.media_id, head)
                        await self.repository.put_thumbnail(record, bytes(message.body))
                    elif head["kind"] == "clip":
                        await self.repository.put_plan(record.media_id, head, bytes(message.body))
                        first_pts = head["first_pts"] if head["clip"] == 0 else first_pts
                        clip_count = head["clip"] + 1
                        await self.clips.queue_planned_clip(record, head["clip"], can_copy=head["can_copy"])
                    else:
                        footage = video_footage(video, head, first_pts, clip_count)
                        await self.clips.finish_planning(record, footage)

    async def _plan_image(self, record: MediaRecord) -> None:
        """An image is one clip of one frame, which is made at once."""
        with WORK_SECONDS.labels("still").time():
            async with self.transcoder.still(record) as messages:
                upright, thumbnail = [message async for message in messages]
        size = upright.head["width"], upright.head["height"]
        video = {"width": size[0], "height": size[1], "rate": 1.0}
        await self.repository.put_thumbnail(record, bytes(thumbnail.body))
        head = {"clip": 0, "first": 0, "count": 1, "gops": 0, "frames": 0, "can_copy": False, "is_seekable": True}
        await self.repository.put_plan(record.media_id, head, b"")
        await self.repository.describe(record.media_id, video)
        async with self.repository.samples_writer(record, 0, "still") as writer:
            await writer.send(upright.body)
        await self.repository.put_rendition(record, still_index(record.media_id, *size, len(upright.body)))
        FRAMES_CUT.labels("still").inc()
        await self.clips.finish_planning(replace(record, video=video), image_footage(*size))
