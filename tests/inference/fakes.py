"""Hand-written stores, models and roads for the handlers of inference."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import cv2
import numpy as np

from common.contract.clips import ClipIndex
from common.contract.errors import Reason
from common.contract.events import Event
from common.contract.labels import Suggestions
from common.contract.questions import ClipList, ClipRendition, ListClips, Run
from inference.clips.repository import Picture
from inference.domain.crop import View
from inference.domain.gap_task import GapOfRun
from inference.domain.run import OPEN, PartState, RunRecord, Tally, progress
from inference.models.detector import Detector
from inference.runs.documents import Job, Part


class Runs:
    """One run with one part."""

    def __init__(self, part: Part) -> None:
        self.part = part
        run = {
            "id": "r", "project_id": "p", "kind": "detect", "model": "nanodet-g-416", "media": ["m"], "threshold": 0.4,
            "accept": "suggest", "state": "queued", "progress": 0, "frames_done": 0, "frames_total": part.frame_count,
            "author": "u", "created_at": 0,
        }  # fmt: skip
        self.record = RunRecord(Run.model_validate(run), 1, untold=False, unqueued=False)
        self.state: PartState = "open"
        self.reason: Reason | None = None
        self.done: list[int] = []
        self.cancel_at: int | None = None

    async def get(self, run_id: str) -> RunRecord:
        return self.record

    async def open_part(self, job: Job) -> Part | None:
        return self.part if self.state == "open" else None

    async def parts_of_medium(self, media_id: str) -> list[Part]:
        return [self.part]

    async def advance(self, part: Part, frames_done: int) -> RunRecord | None:
        if self.cancel_at is not None and frames_done >= self.cancel_at:
            self._become("cancelled", frames_done)
            return None
        self.done.append(frames_done)
        self._become("running", frames_done)
        return self.record

    async def stop(self, gap: GapOfRun) -> None:
        self.part = gap

    async def end_part(self, job: Job, state: PartState, reason: Reason | None = None) -> bool:
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
        stopped_at = getattr(self.part, "stopped_at", None)
        tally = Tally(
            parts=1,
            open=self.state == "open",
            failed=self.state == "failed",
            cancelled=self.state == "cancelled",
            lost=stopped_at is not None,
            stopped_at=stopped_at,
        )
        self._become(tally.state(), self.part.frame_count if self.state == "done" else 0, tally.reason(self.reason))
        return self.record

    def _become(self, state: Any, done: int, reason: Reason | None = None) -> None:
        done = max(done, self.record.run.frames_done)
        change = {
            "state": state,
            "frames_done": done,
            "progress": progress(done, self.part.frame_count, state),
            "reason": reason,
        }
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

    async def windows(
        self, renditions: Sequence[ClipRendition], view: View, first: int, last: int
    ) -> AsyncIterator[Picture]:
        width, height = view.window_wh
        for frame, (left, top) in enumerate(view.corners_xy, first):
            if frame < len(self.frames):
                self.decoded += 1
                whole = cv2.resize(self.frames[frame], view.picture_wh)
                yield Picture(frame, np.ascontiguousarray(whole[top : top + height, left : left + width]))
        if self.fails:
            raise self.fails

    async def suggestions(self, part: Part) -> Suggestions | None:
        found = self.stored.get(self.key(part))
        return None if found is None else Suggestions.model_validate_json(found)

    async def save(self, part: Part, suggestions: Suggestions) -> None:
        self.stored[self.key(part)] = suggestions.model_dump_json().encode()

    async def forget(self, part: Part) -> None:
        self.stored.pop(self.key(part), None)

    def key(self, part: Part) -> str:
        return f"{part.run_id}/{part.clip}"


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

    async def publish(self, event: Event) -> None:
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
        await self.bus.publish(record.changed())
