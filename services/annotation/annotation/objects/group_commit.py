"""Small pieces of work that wait at the same time are done together: most of what a transaction costs, its round trips
and the journal, it costs once."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

W = TypeVar("W")
R = TypeVar("R")
MOST_TOGETHER = 32


@dataclass(frozen=True, slots=True)
class _Waiting(Generic[W, R]):
    work: W
    keys: frozenset[str]
    result: asyncio.Future[R]


class Together(Generic[W, R]):
    """Does work in groups, one group after the other. Works of one group have no key in common; those with a common key
    are done in the order in which they came. `settle` does a group: all of it, or it raises and nothing of it; then
    each is done alone."""

    def __init__(self, settle: Callable[[Sequence[W]], Awaitable[Sequence[R]]]) -> None:
        self._settle = settle
        self._waiting: list[_Waiting[W, R]] = []
        self._working: asyncio.Task[None] | None = None

    async def done(self, work: W, keys: frozenset[str]) -> R:
        """What became of the work; raises what `settle` raised when it was done alone."""
        result: asyncio.Future[R] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Waiting(work, keys, result))
        if self._working is None:
            self._working = asyncio.create_task(self._work())
        return await result

    async def _work(self) -> None:
        try:
            while group := self._take():
                await self._together(group)
        finally:
            self._working = None

    def _take(self) -> list[_Waiting[W, R]]:
        """The next group; empty if nothing waits."""
        met: set[str] = set()
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
