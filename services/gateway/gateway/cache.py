"""Answers that hold for a few seconds: who a credential belongs to, which role somebody has.

A person who scrubs through a video makes dozens of requests a second; each would be three reads of the database. What
ends here (signing out, leaving a project) is forgotten at once; what ends at another replica, after `TTL_S`.
"""

import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")
TTL_S = 10.0
KEPT = 10_000


class Remembered(Generic[K, V]):
    """Asks again after `TTL_S`, and always where the answer was nothing."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._kept: OrderedDict[K, tuple[float, V]] = OrderedDict()

    async def get(self, key: K, ask: Callable[[], Awaitable[V | None]]) -> V | None:
        """What was answered lately, or is answered now."""
        asked_at, value = self._kept.get(key, (float("-inf"), None))
        if self._clock() - asked_at < TTL_S:
            return value
        now, fresh = self._clock(), await ask()
        self._kept.pop(key, None)
        if fresh is not None:
            self._kept[key] = (now, fresh)
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return fresh

    def forget(self, key: K) -> None:
        """This one changed."""
        self._kept.pop(key, None)

    def forget_all(self) -> None:
        """Some of them changed."""
        self._kept.clear()
