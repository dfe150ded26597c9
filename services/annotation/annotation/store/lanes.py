"""Small pieces of work that wait at the same time are done together: most of what a transaction costs, its round trips
and the journal, it costs once."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

W = TypeVar("W")
R = TypeVar("R")
LANES = 2
MOST_TOGETHER = 32


@dataclass(frozen=True, slots=True)
class _Waiting(Generic[W, R]):
    work: W
    keys: frozenset[str]
    result: asyncio.Future[R]


class Lanes(Generic[W, R]):
    """Does work in groups. Works of one group have no key in common, works with a common key are done in the order in
    which they came. `settle` does a group: all of it, or it raises and nothing of it; then each is done alone."""

    def __init__(self, settle: Callable[[Sequence[W]], Awaitable[Sequence[R]]]) -> None:
        self._settle = settle
        self._waiting: list[_Waiting[W, R]] = []
        self._under_way: set[str] = set()
        self._lanes: set[asyncio.Task[None]] = set()

    async def done(self, work: W, keys: frozenset[str]) -> R:
        """What became of the work; raises what `settle` raised when it was done alone."""
        result: asyncio.Future[R] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Waiting(work, keys, result))
        if len(self._lanes) < LANES:
            lane = asyncio.create_task(self._run())
            self._lanes.add(lane)
            lane.add_done_callback(self._lanes.discard)
        return await result

    async def _run(self) -> None:
        while group := self._take():
            keys = {key for one in group for key in one.keys}
            self._under_way |= keys
            try:
                await self._together(group)
            finally:
                self._under_way -= keys

    def _take(self) -> list[_Waiting[W, R]]:
        """The next group; empty if all that waits has to wait for another lane, which goes on with it then."""
        met = set(self._under_way)
        taken: list[_Waiting[W, R]] = []
        left: list[_Waiting[W, R]] = []
        for one in self._waiting:
            free = len(taken) < MOST_TOGETHER and met.isdisjoint(one.keys)
            (taken if free else left).append(one)
            met |= one.keys
        self._waiting = left
        return taken

    async def _together(self, group: Sequence[_Waiting[W, R]]) -> None:
        try:
            results = await self._settle([one.work for one in group])
        except Exception as error:  # noqa: BLE001  whoever asked for the work gets it
            if len(group) > 1:
                # One of them is to blame, and the others should not wait for it.
                await asyncio.gather(*(self._together([one]) for one in group))
            elif not group[0].result.done():
                group[0].result.set_exception(error)
            return
        for one, result in zip(group, results, strict=True):
            # Who asked may be gone.
            if not one.result.done():
                one.result.set_result(result)
