"""Order and recovery of the outbox of changes, and the clip counter, with repositories in memory."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from typing import Any, cast

import pytest

from annotation.clips.counter import ClipCounter
from annotation.clips.repository import DirtyClip, UnpublishedClip
from annotation.domain.clips import ClipCount
from annotation.domain.tracks import FOREVER
from annotation.media.repository import StoredMedium
from annotation.outbox.changes import UnpublishedChange, touched_clips
from annotation.outbox.publisher import INLINE_BYTES, OutboxPublisher
from common.contract.events import AnnotationChanged, ClipState, Event
from common.messaging.bus import SerializedEvent

MEDIUM = StoredMedium("p", frame_count=4000, ready_frames=1800, deleted=False)
GONE = StoredMedium("p", frame_count=4000, ready_frames=1800, deleted=True)


def unpublished(object_id: str, revision: int, state: bytes = b"null") -> UnpublishedChange:
    event = AnnotationChanged(
        project_id="p",
        media_id="m",
        change_id=f"{object_id}-{revision}",
        object_id=object_id,
        revision=revision,
        author="ada",
        at=1.0,
    )
    clips = frozenset({("p", "m", revision)})
    return UnpublishedChange(object_id, f"{object_id}:{revision}", (), event, b"null", state, clips)


class RecordingPublisher:
    """Records published events, each after a random delay; fails for one of them."""

    def __init__(self, failing: tuple[str, int] | None = None) -> None:
        self.changes: list[tuple[str, int]] = []
        self.bodies: list[bytes] = []
        self.states: list[ClipState] = []
        self.failing = failing

    async def publish(self, *events: Event | SerializedEvent) -> None:
        for one in events:
            event = one.event if isinstance(one, SerializedEvent) else one
            await asyncio.sleep(0.001 if len(self.changes) % 2 else 0)
            if isinstance(event, ClipState):
                self.states.append(event)
            elif isinstance(event, AnnotationChanged):
                if (event.object_id, event.revision) == self.failing:
                    raise ConnectionError("away")
                self.changes.append((event.object_id, event.revision))
                self.bodies.append(cast("SerializedEvent", one).body)


class InMemoryChanges:
    """Unpublished changes in memory."""

    def __init__(self, *changes: UnpublishedChange) -> None:
        self.waiting = list(changes)
        self.marked: set[tuple[str, str, int]] = set()

    async def unpublished(self, _: float) -> AsyncIterator[UnpublishedChange]:
        for change in list(self.waiting):
            yield change

    async def mark_published(self, entries: list[UnpublishedChange]) -> None:
        self.marked |= {clip for entry in entries for clip in entry.clips}
        self.waiting = [change for change in self.waiting if change not in entries]


class InMemoryObjects:
    """S3 in memory."""

    def __init__(self) -> None:
        self.stored: dict[str, bytes] = {}

    async def put(self, key: str, content: bytes, _: str) -> None:
        self.stored[key] = content


def outbox(changes: InMemoryChanges, publisher: RecordingPublisher, s3: Any = None) -> OutboxPublisher:
    return OutboxPublisher(cast("Any", changes), publisher, s3 or cast("Any", InMemoryObjects()))


async def test_changes_of_an_object_are_published_in_order() -> None:
    changes = InMemoryChanges(*(unpublished(one, revision) for revision in range(1, 6) for one in ("a", "b", "c")))
    publisher = RecordingPublisher()

    count = await outbox(changes, publisher).publish_pending()

    assert count == 15
    for one in ("a", "b", "c"):
        assert [revision for found, revision in publisher.changes if found == one] == [1, 2, 3, 4, 5]
    assert changes.waiting == []
    assert len(changes.marked) == 5


async def test_after_a_failure_no_later_change_of_the_object_is_published() -> None:
    changes = InMemoryChanges(unpublished("a", 1), unpublished("a", 2), unpublished("a", 3), unpublished("b", 1))
    publisher = RecordingPublisher(failing=("a", 2))

    with pytest.raises(ConnectionError):
        await outbox(changes, publisher).publish_pending()

    assert sorted(publisher.changes) == [("a", 1), ("b", 1)]
    assert [change.token for change in changes.waiting] == ["a:2", "a:3"]
    publisher.failing = None
    await outbox(changes, publisher).publish_pending()
    assert [revision for one, revision in publisher.changes if one == "a"] == [1, 2, 3]


async def test_a_large_state_is_stored_in_s3_before_it_is_published() -> None:
    large = b'"' + b"x" * INLINE_BYTES + b'"'
    publisher, s3 = RecordingPublisher(), InMemoryObjects()

    await outbox(InMemoryChanges(unpublished("a", 1, large), unpublished("b", 1)), publisher, s3).publish_pending()

    (key,) = s3.stored
    assert s3.stored[key] == large
    assert [len(body) < INLINE_BYTES for body in publisher.bodies] == [True, True]
    assert key.encode() in next(body for body in publisher.bodies if b'object_key":"' in body)


@pytest.mark.parametrize(
    ("touched", "medium", "clips"),
    [
        ([1700, 1900], MEDIUM, {0, 1}),
        ([3700, FOREVER], MEDIUM, {2}),
        ([3700, 3900], MEDIUM, {2}),
        (None, MEDIUM, set()),
        ([1700, 1900], None, set()),
    ],
)
def test_a_change_marks_the_clips_it_overlaps(
    touched: list[int] | None, medium: StoredMedium | None, clips: set[int]
) -> None:
    document = {"project_id": "p", "media_id": "m"} | ({"touched": touched} if touched else {})

    assert touched_clips(document, medium) == {("p", "m", number) for number in clips}


class InMemoryClips:
    """Two marked clips in memory, and their counts."""

    def __init__(self, counts: dict[int, ClipCount]) -> None:
        self.marked = asyncio.Event()
        self.counts = counts
        self.saved: list[tuple[int, ClipCount]] = []
        self.waiting: list[UnpublishedClip] = []

    async def dirty(self) -> dict[str, list[DirtyClip]]:
        return {"m": [DirtyClip(f"m:{number}", number, 1, 0, "unlabeled", 0) for number in (0, 1)]}

    async def count(self, _: str, clips: list[int]) -> dict[int, ClipCount]:
        return {clip: count for clip, count in self.counts.items() if clip in clips}

    async def save(self, counted: Iterable[tuple[DirtyClip, ClipCount]]) -> None:
        for clip, count in counted:
            self.saved.append((clip.number, count))
            state = ClipState(
                project_id="p",
                media_id="m",
                clip=clip.number,
                revision=1,
                label_state=count.label_state,
                objects=count.objects,
            )
            self.waiting.append(UnpublishedClip(clip.id, 1, (state,)))

    async def unpublished(self, _: float) -> AsyncIterator[UnpublishedClip]:
        for clip in list(self.waiting):
            yield clip

    async def mark_published(self, entries: list[UnpublishedClip]) -> None:
        self.waiting = [clip for clip in self.waiting if clip not in entries]


class InMemoryMedia:
    """Media in memory."""

    def __init__(self, medium: StoredMedium) -> None:
        self.medium = medium
        self.purged: list[str] = []

    async def find_all(self, _: set[str]) -> dict[str, StoredMedium]:
        return {"m": self.medium}

    async def purge(self, _: str, media_id: str) -> None:
        self.purged.append(media_id)


async def test_marked_clips_are_counted_and_published() -> None:
    clips, publisher = InMemoryClips({0: ClipCount(3, by_person=False)}), RecordingPublisher()
    counter = ClipCounter(cast("Any", clips), cast("Any", InMemoryMedia(MEDIUM)), publisher)

    assert await counter.count() == 2

    assert clips.saved == [(0, ClipCount(3)), (1, ClipCount())]
    found = sorted((state.clip, state.label_state, state.objects) for state in publisher.states)
    assert found == [(0, "auto", 3), (1, "unlabeled", 0)]
    assert clips.waiting == []


async def test_clips_of_a_deleted_medium_are_removed_and_not_counted() -> None:
    clips, media, publisher = InMemoryClips({}), InMemoryMedia(GONE), RecordingPublisher()

    await ClipCounter(cast("Any", clips), cast("Any", media), publisher).count()

    assert (media.purged, clips.saved, publisher.states) == (["m"], [], [])


@pytest.mark.parametrize(
    ("count", "state"),
    [(ClipCount(), "unlabeled"), (ClipCount(2), "auto"), (ClipCount(2, by_person=True), "labeled")],
)
def test_a_clip_is_labeled_after_an_edit_by_a_person(count: ClipCount, state: str) -> None:
    assert count.label_state == state
