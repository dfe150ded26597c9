"""The relay's order and stamina, and the census, on stores in memory."""

import asyncio
from collections.abc import Iterable
from typing import Any, cast

import pytest

from annotation.domain.clips import Count
from annotation.domain.tracks import FOREVER, Span
from annotation.media.repository import KnownMedium
from annotation.outbox.changes import Untold
from annotation.outbox.publisher import Census, Messenger, Relay, touched_clips
from common.contract.events import AnnotationChanged, ClipState, Event, MissionChanged
from common.messaging.bus import SerializedEvent

MEDIUM = KnownMedium("p", frame_count=4000, ready_frames=1800, deleted=False)
GONE = KnownMedium("p", frame_count=4000, ready_frames=1800, deleted=True)


def untold(one: str, revision: int, touched: Span | None = None, media_id: str = "m") -> Untold:
    event = AnnotationChanged(
        project_id="p", media_id=media_id, change_id=f"{one}-{revision}", object_id=one, revision=revision,
        author="ada", at=1.0,
    )  # fmt: skip
    return Untold(f"{one}:{revision}", event, b"null", b"null", touched)


class Road:
    """Takes events as the bus does, later the sooner they come; refuses some."""

    def __init__(self, refused: tuple[str, int] | None = None) -> None:
        self.told: list[tuple[str, int]] = []
        self.states: list[ClipState] = []
        self.refused = refused

    async def publish(self, *events: Event | SerializedEvent) -> None:
        for told in events:
            event = told.event if isinstance(told, SerializedEvent) else told
            await asyncio.sleep(0.001 if len(self.told) % 2 else 0)
            if isinstance(event, ClipState):
                self.states.append(event)
            elif isinstance(event, AnnotationChanged):
                if (event.object_id, event.revision) == self.refused:
                    raise ConnectionError("away")
                self.told.append((event.object_id, event.revision))
            elif isinstance(event, MissionChanged):
                if (event.mission_id, event.revision) == self.refused:
                    raise ConnectionError("away")
                self.told.append((event.mission_id, event.revision))


class Shelf:
    """An outbox and media and clips in memory."""

    def __init__(self, changes: list[Untold], media: dict[str, KnownMedium] | None = None) -> None:
        self.changes = changes
        self.media = media if media is not None else {"m": MEDIUM}
        self.marked: set[tuple[str, str, int]] = set()
        self.purged: list[str] = []

    async def untold(self) -> list[Untold]:
        return list(self.changes)

    async def carried(self, change: Untold) -> SerializedEvent:
        return SerializedEvent(change.event, b"{}")

    async def mark_told(self, ids: list[str]) -> None:
        self.changes = [change for change in self.changes if change.id not in ids]

    async def find_all(self, _: set[str]) -> dict[str, KnownMedium]:
        return self.media

    async def purge(self, _: str, media_id: str) -> None:
        self.purged.append(media_id)
        self.changes = [change for change in self.changes if change.event.media_id != media_id]

    async def mark(self, clips: Iterable[tuple[str, str, int]]) -> None:
        self.marked.update(clips)


def relay(shelf: Shelf, road: Road) -> Relay:
    some = cast("Any", shelf)
    return Relay(cast("Any", road), some, some, some, asyncio.Event())


async def test_the_changes_of_an_object_are_told_in_order() -> None:
    shelf = Shelf([untold(one, revision) for revision in range(1, 6) for one in ("a", "b", "c")])
    road = Road()

    told = await relay(shelf, road).publish()

    assert told == 15
    for one in ("a", "b", "c"):
        assert [revision for found, revision in road.told if found == one] == [1, 2, 3, 4, 5]
    assert shelf.changes == []


async def test_after_a_failure_nothing_overtakes() -> None:
    shelf = Shelf([untold("a", 1), untold("a", 2), untold("a", 3), untold("b", 1)])
    road = Road(refused=("a", 2))

    with pytest.raises(ConnectionError):
        await relay(shelf, road).publish()

    assert sorted(road.told) == [("a", 1), ("b", 1)]
    assert [change.id for change in shelf.changes] == ["a:2", "a:3"]
    road.refused = None
    await relay(shelf, road).publish()
    assert [revision for one, revision in road.told if one == "a"] == [1, 2, 3]


async def test_changes_of_a_deleted_medium_are_removed_and_not_told() -> None:
    shelf = Shelf([untold("a", 1), untold("b", 1, media_id="gone")], {"m": MEDIUM, "gone": GONE})
    road = Road()

    await relay(shelf, road).publish()

    assert (road.told, shelf.purged, shelf.changes) == ([("a", 1)], ["gone"], [])


def test_an_object_touches_the_clips_that_it_crosses() -> None:
    changes = [untold("a", 1, Span(1700, 1900)), untold("b", 1), untold("c", 1, Span(3700, FOREVER))]

    assert {clip for _, _, clip in touched_clips(changes, {"m": MEDIUM})} == {0, 1, 2}
    assert touched_clips([untold("c", 1, Span(3700, 3900))], {"m": MEDIUM}) == {("p", "m", 2)}
    assert touched_clips(changes, {}) == set()


class Counter:
    """Clips in memory, and what an aggregation over objects would say."""

    def __init__(self, counts: dict[int, Count]) -> None:
        self.clips: list[dict[str, Any]] = [{"media_id": "m", "clip": clip, "marks": 1} for clip in (0, 1)]
        self.counts = counts
        self.saved: list[tuple[int, Count]] = []
        self.waiting: list[ClipState] = []

    async def dirty(self) -> dict[str, list[dict[str, Any]]]:
        return {"m": self.clips}

    async def count(self, _: str, clips: list[int]) -> dict[int, Count]:
        return {clip: count for clip, count in self.counts.items() if clip in clips}

    async def save(self, counted: list[tuple[dict[str, Any], Count]]) -> None:
        for clip, count in counted:
            self.saved.append((clip["clip"], count))
            state = {"project_id": "p", "revision": 1, "label_state": count.label_state, "objects": count.objects}
            self.waiting.append(ClipState.model_validate(clip | state))

    async def untold(self) -> list[ClipState]:
        return self.waiting

    async def mark_told(self, states: list[ClipState]) -> None:
        self.waiting = [state for state in self.waiting if state not in states]


async def test_marked_clips_are_counted_and_told() -> None:
    counter, road = Counter({0: Count(3, by_person=False)}), Road()
    census = Census(cast("Any", road), cast("Any", counter), cast("Any", Shelf([])), asyncio.Event())

    assert await census.count() == 2

    assert counter.saved == [(0, Count(3)), (1, Count())]
    assert [(state.clip, state.label_state, state.objects) for state in road.states] == [
        (0, "auto", 3),
        (1, "unlabeled", 0),
    ]
    assert counter.waiting == []


@pytest.mark.parametrize(
    ("count", "state"),
    [(Count(), "unlabeled"), (Count(2), "auto"), (Count(2, by_person=True), "labeled")],
)
def test_a_clip_is_labeled_once_a_person_had_a_hand_in_it(count: Count, state: str) -> None:
    assert count.label_state == state


class Kept:
    """Events in memory that wait."""

    def __init__(self, *events: Event) -> None:
        self.kept = asyncio.Event()
        self.events = list(events)

    async def waiting(self) -> list[Event]:
        return list(self.events)

    async def told(self, events: list[Event]) -> None:
        self.events = [event for event in self.events if event not in events]


async def test_what_was_kept_is_told_in_order_and_stays_until_it_was() -> None:
    events = [MissionChanged(project_id="p", mission_id="m", revision=number, mission=None) for number in range(3)]
    kept, road = Kept(*events), Road(refused=("m", 1))
    messenger = Messenger(cast("Any", road), cast("Any", kept))

    with pytest.raises(ConnectionError):
        await messenger.publish()
    assert kept.events == events
    road.refused = None
    assert await messenger.publish() == 3

    assert road.told == [("m", 0), ("m", 0), ("m", 1), ("m", 2)]
    assert kept.events == []
