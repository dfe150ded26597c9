"""Keeps programs running: starts them by level, each when the previous one is ready, and restarts those that end."""

import asyncio
import time
from collections import deque
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass
from typing import Any

from deploy.local.child import Child, Program
from deploy.local.output import Write


class CrashLoop(Exception):
    """A program ends repeatedly; starting it again would not help."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} is in a crash loop")
        self.name = name


@dataclass(frozen=True)
class RestartPolicy:
    """The number of restarts before the supervisor gives up, and the delays between them."""

    crashes: int = 5
    within_s: float = 60
    first_delay_s: float = 0.2
    longest_delay_s: float = 5


class Supervisor:
    """Runs levels of programs until it is stopped."""

    def __init__(self, levels: Sequence[Sequence[Program]], write: Write, policy: RestartPolicy | None = None) -> None:
        self._policy = policy or RestartPolicy()
        self._write = write
        self._levels = [[Child(program, write) for program in level] for level in levels]
        self._keepers: dict[str, asyncio.Task[None]] = {}

    async def start(self) -> None:
        """Bring up every level in order.

        Raises:
            NotReady: a program did not become ready.
            CrashLoop: a program ended repeatedly.
        """
        for level in self._levels:
            await _all_or_none([self._bring_up(child) for child in level])

    async def wait(self) -> None:
        """Run until a program is in a crash loop.

        Raises:
            CrashLoop: a program ended repeatedly.
        """
        await asyncio.gather(*self._keepers.values())

    async def stop(self) -> None:
        """Stop the programs, in reverse order of their start."""
        for keeper in self._keepers.values():
            keeper.cancel()
        await asyncio.gather(*self._keepers.values(), return_exceptions=True)
        for level in reversed(self._levels):
            await asyncio.gather(*(child.stop() for child in level))

    async def _bring_up(self, child: Child) -> None:
        if child.program.once:
            await self._finish(child)
            return
        await child.start()
        keeper = asyncio.create_task(self._keep(child))
        self._keepers[child.program.name] = keeper
        ready = asyncio.create_task(child.until_ready(lambda: not keeper.done()))
        try:
            await asyncio.wait([keeper, ready], return_when=asyncio.FIRST_COMPLETED)
            if keeper.done():
                await keeper
            await ready
        finally:
            ready.cancel()

    async def _finish(self, child: Child) -> None:
        """Run a task to completion; it may fail as often as a program may crash."""
        for delay in self._delays():
            await child.start()
            code = await child.wait()
            await child.kill()
            if code == 0:
                return
            self._write(child.program.name, f"failed with code {code}")
            await asyncio.sleep(delay)
        raise CrashLoop(child.program.name)

    async def _keep(self, child: Child) -> None:
        crashes: deque[float] = deque(maxlen=self._policy.crashes)
        while True:
            code = await child.wait()
            await child.kill()  # with the processes it started
            crashes.append(time.monotonic())
            recent = [crash for crash in crashes if crash > time.monotonic() - self._policy.within_s]
            if len(recent) == self._policy.crashes:
                raise CrashLoop(child.program.name)
            delay = self._delays()[len(recent) - 1]
            self._write(child.program.name, f"ended with code {code}; starts again in {delay:.1f} s")
            await asyncio.sleep(delay)
            await child.start()

    def _delays(self) -> list[float]:
        policy = self._policy
        return [min(policy.first_delay_s * 2**n, policy.longest_delay_s) for n in range(policy.crashes)]


async def _all_or_none(steps: Sequence[Coroutine[Any, Any, None]]) -> None:
    """Run all steps concurrently; when one fails, cancel the others."""
    tasks = [asyncio.create_task(step) for step in steps]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
