"""The outbox: at least once, in order per key, and never past a failure."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field

import pytest

from common.contract.events import Event, MediaDeleted
from common.messaging.bus import SerializedEvent
from common.messaging.outbox import EVENTS_PER_BATCH, Outbox, Unpublished, backoff_s


def deleted(media_id: str) -> MediaDeleted:
    return MediaDeleted(project_id="p", media_id=media_id)


@dataclass
class Documents:
    """A repository in memory: entries with their commit time, and the current revision of each document."""

    entries: list[tuple[float, Unpublished]] = field(default_factory=list)
    revisions: dict[str, int] = field(default_factory=dict)
    reads: int = 0

    def commit(self, key: str, *media: str, at: float = 0.0) -> Unpublished:
        revision = self.revisions.get(key, 0) + 1
        entry = Unpublished(key, revision, [deleted(medium) for medium in media])
        self.revisions[key] = revision
        self.entries.append((at, entry))
        return entry

    async def unpublished(self, before: float) -> AsyncIterator[Unpublished]:
        self.reads += 1
        for at, entry in list(self.entries):
            if at < before:
                yield entry

    async def mark_published(self, entries: Sequence[Unpublished]) -> None:
        self.entries = [(at, entry) for at, entry in self.entries if entry not in entries]


class Recorder:
    """Records published events; events of `broken` media fail the first `failures` times."""

    def __init__(self, broken: str = "", failures: int = 1000) -> None:
        self.media: list[str] = []
        self.batches: list[int] = []
        self.broken = broken
        self.failures = failures

    async def publish(self, *events: Event | SerializedEvent) -> None:
        for event in events:
            assert isinstance(event, MediaDeleted)
            if event.media_id == self.broken and self.failures > 0:
                self.failures -= 1
                raise ConnectionError("no server")
            self.media.append(event.media_id)
        self.batches.append(len(events))


async def test_publishing_after_the_commit_clears_the_mark() -> None:
    documents, recorder = Documents(), Recorder()
    entry = documents.commit("k", "a", "b")

    await Outbox(documents, recorder).publish(entry)

    assert recorder.media == ["a", "b"]
    assert documents.entries == []


async def test_catch_up_skips_entries_in_the_grace_period() -> None:
    documents, recorder = Documents(), Recorder()
    documents.commit("old", "a", at=80.0)
    documents.commit("new", "b", at=95.0)

    found = await Outbox(documents, recorder, grace_s=10.0, clock=lambda: 100.0).publish_pending()

    assert found == 1
    assert recorder.media == ["a"]
    assert [entry.key for _, entry in documents.entries] == ["new"]


async def test_after_a_failure_later_entries_of_the_same_key_wait() -> None:
    documents, recorder = Documents(), Recorder(broken="b")
    for medium in ("a", "b", "c"):
        documents.commit("one", medium)
    documents.commit("other", "d")

    with pytest.raises(ConnectionError):
        await Outbox(documents, recorder).publish_pending()

    assert sorted(recorder.media) == ["a", "d"]
    assert [entry.token for _, entry in documents.entries] == [2, 3]


async def test_catch_up_retries_failures() -> None:
    documents, recorder = Documents(), Recorder(broken="b", failures=1)
    for medium in ("a", "b", "c"):
        documents.commit("one", medium)
    running = asyncio.create_task(Outbox(documents, recorder).run())

    async with asyncio.timeout(20):
        while documents.entries:
            await asyncio.sleep(0.01)
    running.cancel()

    assert recorder.media == ["a", "b", "c"]


async def test_waking_runs_the_catch_up_at_once() -> None:
    documents, recorder = Documents(), Recorder()
    outbox = Outbox(documents, recorder, poll_s=1000.0, grace_s=0.0)
    running = asyncio.create_task(outbox.run())
    while documents.reads == 0:
        await asyncio.sleep(0)
    documents.commit("k", "a")

    outbox.wake()

    async with asyncio.timeout(20):
        while documents.entries:
            await asyncio.sleep(0.01)
    running.cancel()
    assert recorder.media == ["a"]


async def test_many_events_of_one_entry_are_published_in_batches() -> None:
    documents, recorder = Documents(), Recorder()
    entry = documents.commit("k", *(f"m{number}" for number in range(EVENTS_PER_BATCH + 1)))

    await Outbox(documents, recorder).publish(entry)

    assert recorder.batches == [EVENTS_PER_BATCH, 1]


async def test_a_subclass_may_replace_events() -> None:
    class Completed(Outbox[Unpublished]):
        async def events_of(self, entry: Unpublished) -> Sequence[Event | SerializedEvent]:
            return [*entry.events, deleted("more")]

    documents, recorder = Documents(), Recorder()

    await Completed(documents, recorder).publish(documents.commit("k", "a"))

    assert recorder.media == ["a", "more"]


def test_backoff_doubles_up_to_one_minute() -> None:
    assert [backoff_s(failures) for failures in (1, 2, 3, 7, 5000)] == [1, 2, 4, 60, 60]
