"""Background work: publish what is stored and not yet told.

All are safe to run in every replica at once and to be killed anywhere: events have ids that follow from what
happened, and a change is taken off the list after its event is on the server's disk.
"""

import asyncio
import contextlib
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from annotation.clips.repository import Clip, ClipStore
from annotation.domain.clips import Count
from annotation.domain.tracks import clips_of
from annotation.media.repository import KnownMedium, MediaStore
from annotation.metrics import UNTOLD, UNTOLD_SECONDS
from annotation.outbox.changes import Outbox, Untold
from annotation.outbox.events import Tellings
from common.messaging.bus import Bus
from common.storage.mongo import Document

# How long edits of a killed replica may wait, at most.
POLL_S = 1.0
# What is stored meanwhile is published together, which costs little more than publishing one.
PAUSE_S = 0.05
# Clips are counted again at most so often: a burst of edits is counted once.
COUNT_EVERY_S = 1.0
PUBLISHED_AT_ONCE = 128


class Relay:
    """Publishes changes, in order for each object, and marks the clips that they may have changed."""

    def __init__(self, bus: Bus, outbox: Outbox, media: MediaStore, clips: ClipStore, changed: asyncio.Event) -> None:
        self.marked = asyncio.Event()
        self._bus = bus
        self._outbox = outbox
        self._media = media
        self._clips = clips
        self._changed = changed
        self._turns = asyncio.Semaphore(PUBLISHED_AT_ONCE)
        self._measured = 0.0

    async def run(self) -> None:
        """Publish as soon as this process has written, and look regularly for what others left."""
        while True:
            self._changed.clear()
            if await self.publish():
                await asyncio.sleep(PAUSE_S)
                continue
            if time.monotonic() > self._measured + POLL_S:
                await self._measure()
            await woken(self._changed, POLL_S)

    async def publish(self) -> int:
        """Publish the oldest changes; returns how many there were.

        Raises:
            Exception: one could not be published, and so none after it of the same object; the others are.
        """
        untold = await self._outbox.untold()
        media = await self._media.find_all({change.event.media_id for change in untold})
        gone = {media_id: medium for media_id, medium in media.items() if medium.deleted}
        for media_id, medium in gone.items():
            # A batch that began before the medium was deleted and was committed after.
            await self._media.purge(medium.project_id, media_id)
        alive = [change for change in untold if change.event.media_id not in gone]
        told, failed = await self._publish_in_order(alive)
        if touched := touched_clips(told, media):
            await self._clips.mark(touched)
            self.marked.set()
        await self._outbox.mark_told([change.id for change in told])
        if failed:
            raise failed[0]
        return len(untold)

    async def _publish_in_order(self, changes: Iterable[Untold]) -> tuple[list[Untold], list[BaseException]]:
        """Publish objects side by side, the changes of each one after the other; what was told, and what failed."""
        queues: dict[str, list[Untold]] = defaultdict(list)
        for change in changes:
            queues[change.event.object_id].append(change)
        told: list[Untold] = []
        ended = await asyncio.gather(
            *(self._publish_queue(queue, told) for queue in queues.values()), return_exceptions=True
        )
        return told, [failure for failure in ended if failure is not None]

    async def _publish_queue(self, queue: Sequence[Untold], told: list[Untold]) -> None:
        async with self._turns:
            for change in queue:
                await self._bus.publish(await self._outbox.carried(change))
                told.append(change)

    async def _measure(self) -> None:
        count, age_s = await self._outbox.backlog(time.time())
        UNTOLD.set(count)
        UNTOLD_SECONDS.set(age_s)
        self._measured = time.monotonic()


class Messenger:
    """Publishes what was kept to be told beside changes, in order."""

    def __init__(self, bus: Bus, tellings: Tellings) -> None:
        self._bus = bus
        self._tellings = tellings

    async def run(self) -> None:
        """Publish as soon as this process has kept something, and look regularly for what others left."""
        while True:
            self._tellings.kept.clear()
            if not await self.publish():
                await woken(self._tellings.kept, POLL_S)

    async def publish(self) -> int:
        """Publish the oldest events one after the other; returns how many there were."""
        events = await self._tellings.waiting()
        for event in events:
            await self._bus.publish(event)
        await self._tellings.told(events)
        return len(events)


class Census:
    """Counts the objects of marked clips, and tells those whose count or state is another than before."""

    def __init__(self, bus: Bus, clips: ClipStore, media: MediaStore, marked: asyncio.Event) -> None:
        self._bus = bus
        self._clips = clips
        self._media = media
        self._marked = marked

    async def run(self) -> None:
        """Count when this process has marked clips, and look regularly for what others left."""
        while True:
            self._marked.clear()
            if not await self.count():
                await woken(self._marked, POLL_S)
            await asyncio.sleep(COUNT_EVERY_S)

    async def count(self) -> int:
        """Count marked clips once and tell what changed; returns how many were marked."""
        dirty = await self._clips.dirty()
        media = await self._media.find_all(set(dirty))
        counted: list[tuple[Document, Count]] = []
        for media_id, clips in dirty.items():
            if media_id in media and media[media_id].deleted:
                await self._media.purge(media[media_id].project_id, media_id)
                continue
            counts = await self._clips.count(media_id, [clip["clip"] for clip in clips])
            counted += [(clip, counts.get(clip["clip"], Count())) for clip in clips]
        await self._clips.save(counted)
        await self.tell()
        return sum(map(len, dirty.values()))

    async def tell(self) -> None:
        """Publish clip states that are not told yet."""
        states = await self._clips.untold()
        await self._bus.publish(*states)
        await self._clips.mark_told(states)


def touched_clips(changes: Iterable[Untold], media: Mapping[str, KnownMedium]) -> set[Clip]:
    """The clips to count again after changes."""
    clips: set[Clip] = set()
    for change in changes:
        event = change.event
        if change.touched is not None and event.media_id in media:
            numbers = clips_of(change.touched, media[event.media_id].frames_so_far)
            clips.update((event.project_id, event.media_id, number) for number in numbers)
    return clips


async def woken(event: asyncio.Event, within_s: float) -> None:
    """Wait for the event, or no longer than `within_s`."""
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(event.wait(), within_s)
