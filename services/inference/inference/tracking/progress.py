"""Progress of a task, reported beside the work."""

import asyncio
import time
from collections.abc import Awaitable, Callable

INTERVAL_S = 0.25

ReportProgress = Callable[[int], Awaitable[bool]]


class ProgressReporter:
    """Reports one value at a time in the background: the detector never waits for the database."""

    def __init__(self, report: ReportProgress) -> None:
        self._report = report
        self._next_at = 0.0
        self._pending: asyncio.Task[bool] | None = None

    def is_wanted(self, done: int) -> bool:
        """Whether the run goes on, by the last report; starts the next report when it is due. Raises what a report
        raised."""
        if self._pending is not None:
            if not self._pending.done():
                return True
            is_wanted, self._pending = self._pending.result(), None
            if not is_wanted:
                return False
        if time.monotonic() >= self._next_at:
            self._next_at = time.monotonic() + INTERVAL_S
            self._pending = asyncio.ensure_future(self._report(done))
        return True

    async def finish(self, done: int) -> bool:
        """Report the last value; False if the run was cancelled."""
        if self._pending is not None:
            await self._pending
        return await self._report(done)
