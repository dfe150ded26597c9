"""EditSource-written repositories, models and a bus for the services of inference."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import cv2
import numpy as np

from common.contract.clips import ClipIndex
from common.contract.errors import Reason
from common.contract.events import Event, LabelsSuggested, LabelsTracked, TrackObject
from common.contract.labels import Suggestions
from common.contract.questions import ClipList, ClipRendition, ListClips, Run
from inference.clips.repository import DecodedFrame
from inference.domain.crop import Crop
from inference.domain.gap_task import GapTask
from inference.domain.run import OPEN, RunRecord, TaskCounts, TaskState, progress
from inference.domain.task import Job, Task
from inference.models.detector import Detector
from inference.runs.service import RunService
from inference.tracking.service import TaskService


class Runs:
    """One run with one task."""

    def __init__(self, task: Task) -> None:
        self.task = task
        run = {
            "id": "r", "project_id": "p", "kind": "detect", "model": "nanodet-g-416", "media": ["m"], "threshold": 0.4,
            "accept": "suggest", "state": "queued", "progress": 0, "frames_done": 0, "frames_total": task.frame_count,
            "author": "u", "created_at": 0,
        }  # fmt: skip
        self.record = RunRecord(Run.model_validate(run), 1, unpublished=False, unqueued=False)
        self.state: TaskState = "open"
        self.reason: Reason | None = None
        self.done: list[int] = []
        self.cancel_at: int | None = None

    async def get(self, run_id: str) -> RunRecord:
        return self.record

    async def open_task(self, job: Job) -> Task | None:
        return self.task if self.state == "open" else None

    async def tasks_of_medium(self, media_id: str) -> list[Task]:
        return [self.task]

    async def advance(self, task: Task, frames_done: int) -> RunRecord | None:
        if self.cancel_at is not None and frames_done >= self.cancel_at:
            self._become("cancelled", frames_done)
            return None
        self.done.append(frames_done)
        self._become("running", frames_done)
        return self.record

    async def set_stopped_at(self, gap: GapTask) -> None:
        self.task = gap

    async def end_task(self, job: Job, state: TaskState, reason: Reason | None = None) -> bool:
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
        stopped_at = getattr(self.task, "stopped_at", None)
        counts = TaskCounts(
            tasks=1,
            open=self.state == "open",
            failed=self.state == "failed",
            cancelled=self.state == "cancelled",
            lost=stopped_at is not None,
            stopped_at=stopped_at,
        )
        self._become(counts.state(), self.task.frame_count if self.state == "done" else 0, counts.reason(self.reason))
        return self.record

    def _become(self, state: Any, done: int, reason: Reason | None = None) -> None:
        done = max(done, self.record.run.frames_done)
        change = {
            "state": state,
            "frames_done": done,
            "progress": progress(done, self.task.frame_count, state),
            "reason": reason,
        }
        run = self.record.run.model_copy(update=change)
        self.record = replace(self.record, run=run, revision=self.record.revision + 1)


class Clips:
    """One clip, and the suggestions that are stored for it."""

    def __init__(self, index: ClipIndex, images: list[np.ndarray], fails: Exception | None = None) -> None:
        self.clip_index, self.images, self.fails = index, images, fails
        self.stored: dict[str, bytes] = {}
        self.decoded = 0

    async def index(self, rendition: ClipRendition) -> ClipIndex:
        return self.clip_index

    @asynccontextmanager
    async def frames(
        self, rendition: ClipRendition, index: ClipIndex, size_wh: tuple[int, int]
    ) -> AsyncIterator[AsyncIterator[DecodedFrame]]:
        async def decode() -> AsyncIterator[DecodedFrame]:
            for frame, image in enumerate(self.images):
                self.decoded += 1
                yield DecodedFrame(frame, np.asarray(cv2.resize(image, size_wh), np.uint8))
            if self.fails:
                raise self.fails

        yield decode()

    async def cropped_frames(
        self, renditions: Sequence[ClipRendition], crop: Crop, first: int, last: int
    ) -> AsyncIterator[DecodedFrame]:
        width, height = crop.window_wh
        for frame, (left, top) in enumerate(crop.corners_xy, first):
            if frame < len(self.images):
                self.decoded += 1
                whole = np.asarray(cv2.resize(self.images[frame], crop.image_wh), np.uint8)
                yield DecodedFrame(frame, np.ascontiguousarray(whole[top : top + height, left : left + width]))
        if self.fails:
            raise self.fails

    async def suggestions(self, task: Task) -> Suggestions | None:
        found = self.stored.get(self.suggestions_key(task))
        return None if found is None else Suggestions.model_validate_json(found)

    async def save_suggestions(self, task: Task, suggestions: Suggestions) -> None:
        self.stored[self.suggestions_key(task)] = suggestions.model_dump_json().encode()

    async def delete_suggestions(self, task: Task) -> None:
        self.stored.pop(self.suggestions_key(task), None)

    def suggestions_key(self, task: Task) -> str:
        return f"{task.run_id}/{task.clip}"


class Models:
    def __init__(self, detector: Detector | Exception) -> None:
        self.found = detector

    def detector(self, name: str) -> Detector:
        if isinstance(self.found, Exception):
            raise self.found
        return self.found


class Recorder:
    """A bus that records published events, each once, and fails once before an event of `fail_at`."""

    def __init__(self) -> None:
        self.published: dict[str, Event] = {}
        self.fail_at: type[Event] | None = None

    async def publish(self, event: Event) -> None:
        if type(event) is self.fail_at:
            self.fail_at = None
            raise ConnectionError("killed")
        self.published.setdefault(event.id, event)

    async def ask(self, question: ListClips) -> ClipList:
        clip = ClipRendition(clip=0, first=0, last=23, rendition="proxy", index_key="i", samples_key="s")
        return ClipList(clips=[clip])

    def of(self, kind: type) -> list[Any]:
        return [event for event in self.published.values() if type(event) is kind]


class Harness:
    """A run with one task, and the services that work on it."""

    def __init__(self, task: Task, clips: Clips, models: Models) -> None:
        self.runs, self.clips, self.models, self.bus = Runs(task), clips, models, Recorder()
        self.result: type[Event] = LabelsTracked if isinstance(task, GapTask) else LabelsSuggested
        fakes: Any = (self.runs, None, self.models, self.bus)
        self.run_service = RunService(*fakes)
        fakes = (self.runs, self.run_service, self.clips, self.models, self.bus)
        self.service = TaskService(*fakes)

    @property
    def run(self) -> Run:
        """The current run."""
        return self.runs.record.run

    async def work(self) -> None:
        """Deliver the task's job."""
        job = self.runs.task.job()
        await (self.service.fill_gap(job) if isinstance(job, TrackObject) else self.service.label_clip(job))

    async def give_up(self) -> None:
        """Deliver the task's job as a dead letter."""
        await self.service.give_up(self.runs.task.job())

    def stored(self) -> Suggestions:
        """The stored suggestions."""
        return Suggestions.model_validate_json(self.clips.stored["r/0"])
