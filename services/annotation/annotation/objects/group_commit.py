"""Group commit: small pieces of work that wait at the same time share one transaction, with its round trips and its
journal write."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

W = TypeVar("W")
R = TypeVar("R")
MAX_GROUP = 32


@dataclass(frozen=True, slots=True)
class _Waiting(Generic[W, R]):
    work: W
    keys: frozenset[str]
    result: asyncio.Future[R]


class GroupCommit(Generic[W, R]):
    """Commits work in groups, sequentially. Pieces in a group have no key in common; pieces with a common key are
    committed in the order of submission. `commit` commits a whole group, or raises and commits nothing; then each piece
    is committed alone."""

    def __init__(self, commit: Callable[[Sequence[W]], Awaitable[Sequence[R]]]) -> None:
        self._commit = commit
        self._waiting: list[_Waiting[W, R]] = []
        self._working: asyncio.Task[None] | None = None

    async def submit(self, work: W, keys: frozenset[str]) -> R:
        """The result of the work. Raises the error of `commit` for the work alone."""
        result: asyncio.Future[R] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Waiting(work, keys, result))
        if self._working is None:
            self._working = asyncio.create_task(self._work())
        return await result

    async def _work(self) -> None:
        try:
            while group := self._next_group():
                await self._commit_group(group)
        finally:
            self._working = None

    def _next_group(self) -> list[_Waiting[W, R]]:
        """The next group; empty if nothing waits."""
        keys: set[str] = set()
        group: list[_Waiting[W, R]] = []
        remaining: list[_Waiting[W, R]] = []
        for waiting in self._waiting:
            fits = len(group) < MAX_GROUP and keys.isdisjoint(waiting.keys)
            (group if fits else remaining).append(waiting)
            keys |= waiting.keys
        self._waiting = remaining
        return group

    async def _commit_group(self, group: Sequence[_Waiting[W, R]]) -> None:
        try:
            results = await self._commit([waiting.work for waiting in group])
        except Exception as error:  # noqa: BLE001  the caller of `submit` gets it
            if len(group) > 1:
                # One piece failed the group; the others must not wait for its retries.
                await asyncio.gather(*(self._commit_group([waiting]) for waiting in group))
            elif not group[0].result.done():
                group[0].result.set_exception(error)
            return
        for waiting, result in zip(group, results, strict=True):
            # The caller may have been cancelled.
            if not waiting.result.done():
                waiting.result.set_result(result)
