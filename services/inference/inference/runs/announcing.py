"""Telling what became of a run. What a killed process left untold is told by whoever comes by."""

import asyncio

from common.messaging.bus import Bus
from inference.domain.run import RunRecord
from inference.runs.repository import RunStore

TOLD_AT_ONCE = 200
LOOK_EVERY_S = 3.0
OVERDUE_S = 5.0


class Announcer:
    """Tells changes of runs, and queues their jobs."""

    def __init__(self, bus: Bus, runs: RunStore) -> None:
        self._bus = bus
        self._runs = runs

    async def announce(self, record: RunRecord) -> None:
        """Tell a run's state; queue its jobs if they may not be. Twice is the same as once."""
        if record.unqueued and record.is_open:
            await self._queue(record)
        await self._bus.publish(record.changed())
        if record.untold:
            await self._runs.told(record)

    async def catch_up(self) -> None:
        """Announce, again and again, what has been untold for too long."""
        while True:
            async for record in self._runs.untold(OVERDUE_S):
                await self.announce(record)
            await asyncio.sleep(LOOK_EVERY_S)

    async def _queue(self, record: RunRecord) -> None:
        jobs = [part.job() for part in await self._runs.open_parts(record.run.id)]
        for start in range(0, len(jobs), TOLD_AT_ONCE):
            await self._bus.publish(*jobs[start : start + TOLD_AT_ONCE])
        await self._runs.queued(record)
