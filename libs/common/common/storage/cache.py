"""A cache for values that are loaded asynchronously: least recently used, with a time to live if wanted.

    self._roles: AsyncCache[tuple[str, str], Role] = AsyncCache(10_000, ttl_s=10.0)
    role = await self._roles.get((project_id, user_id), lambda: self._repository.role(project_id, user_id))
    self._roles.forget((project_id, user_id))

Callers that ask for the same key at the same time share one load. None is not kept, nor is what was forgotten while it
was being loaded.
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
            Exception: what `load` raised; every caller that waits for this load gets it.
        """
        found = self._values.get(key)
        if found is not None:
            return found
        loading = self._loads.get(key)
        if loading is None:
            loading = self._loads[key] = asyncio.create_task(self._load(key, load))
        # A caller that is cancelled does not cancel the load of the others.
        return await asyncio.shield(loading)

    def peek(self, key: K) -> V | None:
        """The cached value; None if it would have to be loaded."""
        return self._values.get(key)

    def put(self, key: K, value: V) -> None:
        """Replace the value; one that is heavier than the whole cache is not kept."""
        self.forget(key)
        try:
            self._values[key] = value
        except ValueError:
            return

    def forget(self, key: K) -> None:
        """The value changed."""
        self._loads.pop(key, None)
        self._values.pop(key, None)

    def clear(self) -> None:
        """Any value may have changed."""
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
