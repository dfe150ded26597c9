"""An LRU cache of asynchronously loaded values, optionally with a time to live.

    self._roles: AsyncCache[tuple[str, str], Role] = AsyncCache(10_000, ttl_s=10.0)
    role = await self._roles.get((project_id, user_id), lambda: self._repository.role(project_id, user_id))
    self._roles.forget((project_id, user_id))

Concurrent callers with the same key share one load. None is not cached, nor is a value that was forgotten during its
load.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar, cast

from cachetools import LRUCache, TTLCache

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class AsyncCache(Generic[K, V]):
    """At most `maxsize` values (or their summed `weight`), each for `ttl_s` seconds."""

    def __init__(
        self,
        maxsize: float,
        *,
        ttl_s: float | None = None,
        weight: Callable[[V], float] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._values: LRUCache[K, V] | TTLCache[K, V] = (
            LRUCache(maxsize, weight) if ttl_s is None else TTLCache(maxsize, ttl_s, clock, weight)
        )
        self._loads: dict[K, asyncio.Task[V | None]] = {}

    async def get(self, key: K, load: Callable[[], Awaitable[V | None]]) -> V | None:
        """The cached value, or the loaded one.

        Raises:
            Exception: The error of `load`, for every caller that waits for it.
        """
        cached = self._values.get(key)
        if cached is not None:
            return cached
        loading = self._loads.get(key)
        if loading is None:
            loading = self._loads[key] = asyncio.create_task(self._load(key, load))
        # A caller that is cancelled does not cancel the load of the others.
        return await asyncio.shield(loading)

    def peek(self, key: K) -> V | None:
        """The cached value; None if there is none."""
        return self._values.get(key)

    def put(self, key: K, value: V) -> None:
        """Replace the value. A value heavier than the whole cache is not cached."""
        self.forget(key)
        try:
            self._values[key] = value
        except ValueError:
            return

    def forget(self, key: K) -> None:
        """Drop the value of a key, because it changed."""
        self._loads.pop(key, None)
        self._values.pop(key, None)

    def clear(self) -> None:
        """Drop all values."""
        self._loads.clear()
        self._values.clear()

    async def _load(self, key: K, load: Callable[[], Awaitable[V | None]]) -> V | None:
        task = cast("asyncio.Task[V | None]", asyncio.current_task())
        try:
            value = await load()
            is_current = self._loads.get(key) is task
        finally:
            if self._loads.get(key) is task:
                del self._loads[key]
        if is_current and value is not None:
            self.put(key, value)
        return value
