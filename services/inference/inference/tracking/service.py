"""Use cases of tasks: label a clip, fill a gap between keyframes. A task that was interrupted is done again, with the
same result; one whose suggestions are stored is only published again."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass

from common.contract.errors import Reason, reason_for
from common.contract.events import LabelClip, TrackObject
from common.contract.labels import Suggestions
from common.contract.questions import ClipRendition, ListClips, Run
from common.messaging.bus import Bus, ask_with_retry
from common.messaging.rejected import Rejected
from common.sandbox.parent import Undecodable
from inference.clips.repository import ClipRepository
from inference.domain.clip_task import ClipTask, displayed_wh
from inference.domain.crop import crop_for
from inference.domain.gap_task import GapTask, clips_between
from inference.domain.interpolation import expected_path, fill_gap
from inference.domain.run import OPEN, TaskState
from inference.domain.suggestions import suggest
from inference.domain.task import Job, Task
from inference.domain.tracker import tracking_for
from inference.metrics import CLIPS, GAPS, LOST
from inference.models.detector import ModelError
from inference.models.registry import ModelRegistry
from inference.runs.repository import RunRepository
from inference.runs.service import RunService
from inference.tracking.detection import detect_and_track
from inference.tracking.progress import ReportProgress
from inference.tracking.quick_label import track_between


@dataclass(frozen=True, slots=True)
class TaskService:
    """The work of runs."""

    runs: RunRepository
    run_service: RunService
    clips: ClipRepository
    models: ModelRegistry
    bus: Bus

    async def label_clip(self, job: LabelClip) -> None:
        """Suggest tracks for a clip, unless its run has ended or has them already.

        Raises:
            Rejected: the clip cannot be labeled.
        """
        clip, run = await self._open(job)
        if not isinstance(clip, ClipTask):
            return
        async with self._failing(job):
            found = await self.clips.suggestions(clip) or await self._label(clip, run)
        if found is not None:
            await self.clips.save_suggestions(clip, found)
            key = self.clips.suggestions_key(clip)
            await self.bus.publish(clip.suggested(found, key, run.accept, run.author))
            await self._end(job, "done")

    async def fill_gap(self, job: TrackObject) -> None:
        """Fill a gap between two keyframes, unless its run has ended or has filled it already.

        Raises:
            Rejected: the gap cannot be filled.
        """
        gap, run = await self._open(job)
        if not isinstance(gap, GapTask):
            return
        async with self._failing(job):
            if await self.clips.suggestions(gap) is None:
                gap = await self._fill(gap, run)
        if gap is not None:
            await self.bus.publish(gap.tracked(self.clips.suggestions_key(gap), run.author))
            await self._end(job, "done")

    async def give_up(self, job: Job) -> None:
        """Fail a task whose job failed, or was killed, every time; a stored reason is kept."""
        code = "tracking_failed_repeatedly" if isinstance(job, TrackObject) else "labeling_failed_repeatedly"
        await self._end(job, "failed", reason_for(code))

    @asynccontextmanager
    async def _failing(self, job: Job) -> AsyncIterator[None]:
        """Fail the task and reject its job if the model or the footage is at fault."""
        try:
            yield
        except (ModelError, Undecodable) as error:
            await self._end(job, "failed", error.reason)
            raise Rejected(str(error)) from error

    async def _open(self, job: Job) -> tuple[Task | None, Run]:
        """The task of a job, if it is still to be done, and its run."""
        task, run = await self.runs.open_task(job), (await self.runs.get(job.run_id)).run
        if task is None:
            # The process may have been killed between the end of the task and that of the run.
            await self.run_service.settle(job.run_id)
        return (task if run.state in OPEN else None), run

    async def _end(self, job: Job, state: TaskState, reason: Reason | None = None) -> None:
        if await self.runs.end_task(job, state, reason):
            (GAPS if isinstance(job, TrackObject) else CLIPS).labels(state).inc()
        await self.run_service.settle(job.run_id)

    async def _label(self, clip: ClipTask, run: Run) -> Suggestions | None:
        """The suggestions for a clip; None if the run was cancelled meanwhile."""
        (rendition,) = await self._renditions(clip)
        index = await self.clips.index(rendition)
        detector = await asyncio.to_thread(self.models.detector, run.model)
        letterbox = detector.letterbox(clip.size_wh or displayed_wh(index))
        tracking = tracking_for(run.threshold, clip.frame_count)
        async with self.clips.frames(rendition, index, letterbox.image_wh) as frames:
            tracks = await detect_and_track(detector, letterbox, tracking, frames, self._reporter(clip))
        return None if tracks is None else suggest(clip, run.model, detector.manifest.labels, tracks)

    async def _fill(self, gap: GapTask, run: Run) -> GapTask | None:
        """The gap once its keyframes are stored; None if the run was cancelled meanwhile."""
        renditions = await self._renditions(gap)
        frame_wh = gap.size_wh or displayed_wh(await self.clips.index(renditions[0]))
        detector = await asyncio.to_thread(self.models.detector, run.model)
        expected = expected_path(gap, frame_wh)
        crop = crop_for(expected, frame_wh)
        frames = self.clips.cropped_frames(renditions, crop, gap.first, gap.last)
        async with aclosing(frames):
            trajectory = await track_between(
                detector, crop, expected, frames, self._reporter(gap), vanishes=gap.vanishes
            )
        if trajectory is None:
            return None
        found, stopped_at = fill_gap(gap, run.model, trajectory, frame_wh)
        gap = gap.stopped(stopped_at)
        # Before the keyframes: readers of the keyframes rely on it.
        await self.runs.set_stopped_at(gap)
        await self.clips.save_suggestions(gap, found)
        if stopped_at is not None:
            LOST.inc()
        return gap

    def _reporter(self, task: Task) -> ReportProgress:
        async def report(frames_done: int) -> bool:
            record = await self.runs.advance(task, frames_done)
            if record is not None:
                await self.run_service.publish(record)
            return record is not None

        return report

    async def _renditions(self, task: Task) -> list[ClipRendition]:
        # Never the proxy where there is a copy: the same clip then gives the same labels whenever it is labeled.
        question = ListClips(project_id=task.project_id, media_id=task.media_id, purpose="detail")
        shown = await ask_with_retry(self.bus, question)
        if found := clips_between(shown.clips, task.first, task.last):
            return found
        raise LookupError(f"Frames {task.first} to {task.last} of {task.media_id} cannot be shown now")
