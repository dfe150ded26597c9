"""How far a job is, told beside the work."""

import asyncio
import time
from collections.abc import Awaitable, Callable

REPORT_EVERY_S = 0.25

Report = Callable[[int], Awaitable[bool]]


class Reporter:
    """Reports beside the work, one report at a time: the detector never waits for a database."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._next_at = 0.0
        self._under_way: asyncio.Task[bool] | None = None

    def wanted(self, done: int) -> bool:
        """Whether the last report was welcome; begins another one if it is time. Raises what a report raised."""
        if self._under_way is not None:
            if not self._under_way.done():
                return True
            wanted, self._under_way = self._under_way.result(), None
            if not wanted:
                return False
        if time.monotonic() >= self._next_at:
            self._next_at = time.monotonic() + REPORT_EVERY_S
            self._under_way = asyncio.ensure_future(self._report(done))
        return True

    async def finish(self, done: int) -> bool:
        """The answer to a last report."""
        if self._under_way is not None:
            await self._under_way
        return await self._report(done)
