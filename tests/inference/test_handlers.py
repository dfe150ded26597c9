"""The handlers with hand-written stores: delivered twice, cancelled, broken, given up, killed half-way."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import cv2
import numpy as np
import pytest

from common.clips import ClipIndex
from common.errors import Rejected
from common.events import Event, LabelClip, LabelsSuggested, MediaDeleted, RunChanged
from common.labels import Suggestions
from common.questions import ClipList, ClipRendition, ListClips, Run
from common.sandbox import Undecodable
from inference.detector import BrokenModel, Detector
from inference.domain.clip import ClipOfRun
from inference.domain.run import OPEN, ClipState, RunRecord, Tally, progress
from inference.handlers import forget_medium, give_up_clip, label_clip
from inference.store.footage import Picture

CLIP = ClipOfRun("p", "r", "m", 0, 0, 23, ends_medium=True)
JOB = CLIP.job()


class Runs:
    """One run with one clip."""

    def __init__(self) -> None:
        run = {
            "id": "r", "project_id": "p", "kind": "detect", "model": "nanodet-g-416", "media": ["m"], "threshold": 0.4,
            "accept": "suggest", "state": "queued", "progress": 0, "frames_done": 0, "frames_total": 24, "author": "u",
            "created_at": 0,
        }  # fmt: skip
        self.record = RunRecord(Run.model_validate(run), 1, untold=False, unqueued=False)
        self.state: ClipState = "open"
        self.reason: str | None = None
        self.done: list[int] = []
        self.cancel_at: int | None = None

    async def get(self, run_id: str) -> RunRecord:
        return self.record

    async def open_clip(self, job: LabelClip) -> ClipOfRun | None:
        return CLIP if self.state == "open" else None

    async def clips_of_medium(self, media_id: str) -> list[ClipOfRun]:
        return [CLIP]

    async def advance(self, clip: ClipOfRun, frames_done: int) -> RunRecord | None:
        if self.cancel_at is not None and frames_done >= self.cancel_at:
            self._become("cancelled", frames_done)
            return None
        self.done.append(frames_done)
        self._become("running", frames_done)
        return self.record

    async def end_clip(self, job: LabelClip, state: ClipState, reason: str | None = None) -> bool:
        if self.state != "open":
            return False
        self.state, self.reason = state, reason
        return True

    async def cancel_medium(self, media_id: str) -> list[str]:
        self.state = "cancelled"
        return ["r"]

    async def settle(self, run_id: str) -> RunRecord | None:
        if self.record.run.state not in OPEN:
            return None
        tally = Tally(
            clips=1, open=self.state == "open", failed=self.state == "failed", cancelled=self.state == "cancelled"
        )
        self._become(tally.state(), 24 if self.state == "done" else 0, tally.reason(self.reason))
        return self.record

    def _become(self, state: Any, done: int, reason: str | None = None) -> None:
        done = max(done, self.record.run.frames_done)
        change = {"state": state, "frames_done": done, "progress": progress(done, 24, state), "reason": reason}
        run = self.record.run.model_copy(update=change)
        self.record = replace(self.record, run=run, revision=self.record.revision + 1)


class Footage:
    """One clip, and what is stored for it."""

    def __init__(self, index: ClipIndex, pictures: list[np.ndarray], fails: Exception | None = None) -> None:
        self.clip_index, self.frames, self.fails = index, pictures, fails
        self.stored: dict[str, bytes] = {}
        self.decoded = 0

    async def index(self, rendition: ClipRendition) -> ClipIndex:
        return self.clip_index

    @asynccontextmanager
    async def pictures(
        self, rendition: ClipRendition, index: ClipIndex, size_wh: tuple[int, int]
    ) -> AsyncIterator[AsyncIterator[Picture]]:
        async def decode() -> AsyncIterator[Picture]:
            for frame, picture in enumerate(self.frames):
                self.decoded += 1
                yield Picture(frame, cv2.resize(picture, size_wh))
            if self.fails:
                raise self.fails

        yield decode()

    async def suggestions(self, clip: ClipOfRun) -> Suggestions | None:
        found = self.stored.get(self.key(clip))
        return None if found is None else Suggestions.model_validate_json(found)

    async def save(self, clip: ClipOfRun, suggestions: Suggestions) -> None:
        self.stored[self.key(clip)] = suggestions.model_dump_json().encode()

    async def forget(self, clip: ClipOfRun) -> None:
        self.stored.pop(self.key(clip), None)

    def key(self, clip: ClipOfRun) -> str:
        return f"{clip.run_id}/{clip.clip}"


class Models:
    def __init__(self, detector: Detector | Exception) -> None:
        self.found = detector

    def detector(self, name: str) -> Detector:
        if isinstance(self.found, Exception):
            raise self.found
        return self.found


class Recorder:
    """A bus that keeps what it is told, each event once, and breaks off before the one that it should."""

    def __init__(self) -> None:
        self.told: dict[str, Event] = {}
        self.break_off_at: type[Event] | None = None

    async def tell(self, event: Event) -> None:
        if type(event) is self.break_off_at:
            self.break_off_at = None
            raise ConnectionError("killed")
        self.told.setdefault(event.id, event)

    async def ask(self, question: ListClips) -> ClipList:
        clip = ClipRendition(clip=0, first=0, last=23, rendition="proxy", index_key="i", samples_key="s")
        return ClipList(clips=[clip])

    def of(self, kind: type) -> list[Any]:
        return [event for event in self.told.values() if type(event) is kind]


class Announce:
    def __init__(self, bus: Recorder) -> None:
        self.bus = bus

    async def announce(self, record: RunRecord) -> None:
        await self.bus.tell(record.changed())


class Scene:
    """All that a handler is given."""

    def __init__(self, footage: Footage, models: Models) -> None:
        self.runs, self.footage, self.models, self.bus = Runs(), footage, models, Recorder()

    async def label(self) -> None:
        announcer: Any = Announce(self.bus)
        given: Any = (self.runs, self.footage, self.models, self.bus)
        await label_clip(JOB, *given, announcer)


@pytest.fixture
def scene(film: Any, walk: list[np.ndarray], detector: Detector) -> Scene:
    index, _ = film(walk)
    return Scene(Footage(index, walk), Models(detector))


async def test_a_clip_is_labeled_told_and_done(scene: Scene) -> None:
    await scene.label()

    (fact,) = scene.bus.of(LabelsSuggested)
    assert (fact.count, fact.first, fact.last, fact.object_key) == (1, 0, 23, "r/0")
    assert (scene.runs.state, scene.runs.record.run.state) == ("done", "done")
    assert scene.runs.done[-1] == 24


async def test_delivered_twice_it_is_labeled_once(scene: Scene) -> None:
    await scene.label()
    before = (dict(scene.footage.stored), dict(scene.bus.told), scene.footage.decoded)

    await scene.label()

    assert (scene.footage.stored, scene.bus.told, scene.footage.decoded) == before


@pytest.mark.parametrize("break_off_at", [LabelsSuggested, RunChanged])
async def test_killed_half_way_the_end_is_the_same(scene: Scene, break_off_at: type[Event]) -> None:
    scene.bus.break_off_at = break_off_at
    with pytest.raises(ConnectionError):
        await scene.label()

    await scene.label()

    assert [fact.count for fact in scene.bus.of(LabelsSuggested)] == [1]
    assert scene.runs.record.run.state == "done"
    assert scene.runs.done == sorted(scene.runs.done) or break_off_at is RunChanged


async def test_a_cancelled_run_s_clip_ends_quietly(scene: Scene) -> None:
    scene.runs.cancel_at = 1
    await scene.label()
    assert scene.bus.of(LabelsSuggested) == []
    assert scene.footage.stored == {}
    assert scene.runs.record.run.state == "cancelled"


async def test_footage_that_cannot_be_decoded_is_a_reason_and_no_retry(scene: Scene) -> None:
    scene.footage.frames, scene.footage.fails = [], Undecodable("No frame of clip 0 can be decoded.")
    with pytest.raises(Rejected):
        await scene.label()
    assert scene.runs.record.run.reason == "No frame of clip 0 can be decoded."
    assert scene.bus.of(RunChanged)[-1].state == "failed"


async def test_a_broken_model_is_a_reason_and_no_retry(scene: Scene) -> None:
    scene.models.found = BrokenModel("Model x is damaged.")
    with pytest.raises(Rejected, match="damaged"):
        await scene.label()
    assert scene.runs.record.run.reason == "Model x is damaged."


async def test_a_server_that_is_away_is_no_failure(scene: Scene) -> None:
    scene.footage.fails = ConnectionError("S3 is away")
    with pytest.raises(ConnectionError):
        await scene.label()
    assert scene.runs.state == "open"


async def test_given_up_the_run_says_so_and_a_known_reason_stays(scene: Scene) -> None:
    runs: Any = scene.runs
    announcer: Any = Announce(scene.bus)
    await give_up_clip(JOB, runs, announcer)
    assert scene.runs.record.run.reason == "The clip could not be labeled in several attempts."

    scene.runs.reason = "Model x is damaged."
    await give_up_clip(JOB, runs, announcer)
    assert scene.runs.reason == "Model x is damaged."
    assert len(scene.bus.of(RunChanged)) == 1


async def test_of_a_deleted_medium_nothing_stays(scene: Scene) -> None:
    await scene.footage.save(CLIP, Suggestions(run_id="r", media_id="m", clip=0, model="x", tracks=[]))
    given: Any = (scene.runs, scene.footage, Announce(scene.bus))

    await forget_medium(MediaDeleted(project_id="p", media_id="m"), *given)

    assert scene.footage.stored == {}
    assert scene.bus.of(RunChanged)[-1].state == "cancelled"
