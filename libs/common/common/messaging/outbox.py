"""The transactional outbox: events of a change are stored with the change and published after the commit.

    entry = await exports.start(wanted)      # one write: the document and its mark `unpublished`
    await outbox.publish(entry)              # right after the commit; the catch-up retries failures
    service(bus, background=[outbox.run])    # catch-up: entries of killed or failed processes

Delivery is at least once. Event ids are derived from the change, so that publishing twice is harmless.
"""

import asyncio
import contextlib
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

import structlog

from common.contract.events import Event
from common.messaging.bus import SerializedEvent

log = structlog.get_logger()

POLL_S = 10.0
GRACE_S = 10.0
MAX_BACKOFF_S = 60.0
EVENTS_PER_BATCH = 200
CONCURRENT_KEYS = 128
# Pause between two batches, so that changes in the meantime share the next one.
_PAUSE_S = 0.05


@dataclass(frozen=True, slots=True)
class Unpublished:
    """Events of one document (`key`) that may not be published yet. `token` is the revision of the document that they
    belong to: a later change is not marked as published with them."""

    key: str
    token: Any
    events: Sequence[Event | SerializedEvent]


E = TypeVar("E", bound=Unpublished)


class OutboxRepository(Protocol[E]):
    """The documents that have unpublished events."""

    def unpublished(self, before: float) -> AsyncIterator[E]:
        """A batch of entries committed before `before` (Unix seconds), oldest first; entries of one key in order."""

    async def mark_published(self, entries: Sequence[E]) -> None:
        """Clear the marks of the documents whose revision still equals the token of the entry."""


class Publisher(Protocol):
    """The bus, or a recorder in tests."""

    async def publish(self, *events: Event | SerializedEvent) -> None:
        """Publish events, and return when the server has stored all of them."""


class Outbox(Generic[E]):
    """Publishes the entries of a repository: those of one key in order, different keys concurrently."""

    def __init__(
        self,
        repository: OutboxRepository[E],
        publisher: Publisher,
        *,
        poll_s: float = POLL_S,
        grace_s: float = GRACE_S,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """`poll_s`: interval of the catch-up. `grace_s`: minimum age of its entries, 0 without direct publishing."""
        self._repository = repository
        self._publisher = publisher
        self._poll_s = poll_s
        self._grace_s = grace_s
        self._clock = clock
        self._woken = asyncio.Event()
        self._slots = asyncio.Semaphore(CONCURRENT_KEYS)

    async def publish(self, *entries: E) -> None:
        """Publish entries that were just committed.

        Raises:
            Exception: Publishing or marking failed. The catch-up will retry.
        """
        published, failures = await self._publish_in_order(entries)
        await self._mark(published)
        if failures:
            raise failures[0]

    async def publish_pending(self) -> int:
        """Publish one batch of entries older than the grace period; returns the number of entries.

        Raises:
            Exception: An entry failed, and with it later entries of its key. All others are published and marked.
        """
        before = self._clock() - self._grace_s
        entries = [entry async for entry in self._repository.unpublished(before)]
        await self.publish(*entries)
        return len(entries)

    def wake(self) -> None:
        """Run the catch-up now."""
        self._woken.set()

    async def run(self) -> None:
        """Publish pending entries until cancelled, with exponential backoff after failures."""
        failures = 0
        while True:
            self._woken.clear()
            try:
                count = await self.publish_pending()
            except Exception as error:  # noqa: BLE001  an outage: the entries stay marked
                failures += 1
                delay_s = backoff_s(failures)
                log.warning("publishing failed", retry_in_s=delay_s, error=repr(error))
                await asyncio.sleep(delay_s)
                continue
            failures = 0
            if count:
                await asyncio.sleep(_PAUSE_S)
            else:
                await self._wait()

    async def events_of(self, entry: E) -> Sequence[Event | SerializedEvent]:
        """The events to publish for an entry. A subclass may replace them, for example to store a large body in S3."""
        return entry.events

    async def _wait(self) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._woken.wait(), self._poll_s)

    async def _mark(self, published: Sequence[E]) -> None:
        if published:
            await self._repository.mark_published(published)

    async def _publish_in_order(self, entries: Iterable[E]) -> tuple[list[E], list[BaseException]]:
        """The published entries, and the failure of each key that has one."""
        queues: dict[str, list[E]] = defaultdict(list)
        for entry in entries:
            queues[entry.key].append(entry)
        published: list[E] = []
        results = await asyncio.gather(
            *(self._publish_queue(queue, published) for queue in queues.values()), return_exceptions=True
        )
        return published, [result for result in results if result is not None]

    async def _publish_queue(self, queue: Sequence[E], published: list[E]) -> None:
        async with self._slots:
            for entry in queue:
                events = await self.events_of(entry)
                for start in range(0, len(events), EVENTS_PER_BATCH):
                    await self._publisher.publish(*events[start : start + EVENTS_PER_BATCH])
                published.append(entry)


def backoff_s(failures: int) -> float:
    """The delay in seconds after this number of consecutive failures: 1, 2, 4 … at most 60."""
    return float(min(MAX_BACKOFF_S, 2 ** min(failures - 1, 10)))
