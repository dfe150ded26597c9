"""Counts the objects on clips, and publishes changed counts."""

import asyncio
import contextlib

from annotation.clips.repository import ClipRepository, DirtyClip, UnpublishedClip
from annotation.domain.clips import ClipCount
from annotation.media.repository import MediaRepository
from common.messaging.outbox import Outbox, Publisher

POLL_S = 1.0
# A burst of edits is counted once.
COUNT_EVERY_S = 1.0


class ClipCounter:
    """Counts the objects of marked clips. Safe to run in all replicas at once, and to be killed at any time."""

    def __init__(self, clips: ClipRepository, media: MediaRepository, publisher: Publisher) -> None:
        self._clips = clips
        self._media = media
        self._outbox: Outbox[UnpublishedClip] = Outbox(clips, publisher, grace_s=0.0)

    async def run(self) -> None:
        """Count as soon as this process has marked clips, and poll for those of other replicas."""
        while True:
            self._clips.marked.clear()
            if not await self.count():
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._clips.marked.wait(), POLL_S)
            await asyncio.sleep(COUNT_EVERY_S)

    async def count(self) -> int:
        """Count marked clips once and publish changes; returns the number of marked clips."""
        dirty = await self._clips.dirty()
        media = await self._media.find_all(set(dirty))
        counted: list[tuple[DirtyClip, ClipCount]] = []
        for media_id, clips in dirty.items():
            if media_id in media and media[media_id].deleted:
                await self._media.purge(media[media_id].project_id, media_id)
                continue
            counts = await self._clips.count(media_id, [clip.number for clip in clips])
            counted += [(clip, counts.get(clip.number, ClipCount())) for clip in clips]
        await self._clips.save(counted)
        await self.publish()
        return sum(map(len, dirty.values()))

    async def publish(self) -> None:
        """Publish the states of clips that are not published yet."""
        await self._outbox.publish_pending()
