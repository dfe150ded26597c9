"""A run: a model over clips of media. Its state follows from its tasks."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from common.contract.errors import Reason, reason_for
from common.contract.events import RunChanged, RunState
from common.contract.questions import Run, StartRun
from inference.domain.task import Task

TaskState = Literal["open", "done", "failed", "cancelled"]
OPEN: tuple[RunState, ...] = ("queued", "running")


_PUBLISHED = {
    "project_id", "state", "kind", "model", "media", "progress", "frames_done", "frames_total", "reason",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class RunRecord:
    """A run at one revision. `unpublished`: this state may not be published; `unqueued`: its jobs may not be queued."""

    run: Run
    revision: int
    unpublished: bool
    unqueued: bool

    @property
    def is_open(self) -> bool:
        """Whether the run has not ended."""
        return self.run.state in OPEN

    def changed(self) -> RunChanged:
        """The run as a fact."""
        run = self.run
        return RunChanged(run_id=run.id, revision=self.revision, **run.model_dump(include=_PUBLISHED))


@dataclass(frozen=True, slots=True)
class TaskCounts:
    """The tasks of a run by state, and their frames; `gaps` of them fill gaps. Of a cancelled task only the frames that
    were done count. In `lost` gaps the object was lost, first at frame `stopped_at`."""

    frames_total: int = 0
    frames_done: int = 0
    tasks: int = 0
    gaps: int = 0
    open: int = 0
    failed: int = 0
    cancelled: int = 0
    lost: int = 0
    stopped_at: int | None = None

    def state(self) -> RunState:
        """The state of the run."""
        if self.open:
            return "running"
        if self.failed:
            return "failed"
        return "cancelled" if self.cancelled == self.tasks else "done"

    def reason(self, first_error: Reason | None) -> Reason | None:
        """Why the run failed, was cancelled, or is incomplete."""
        if self.failed and first_error is not None:
            if self.tasks == 1:
                return first_error
            code = "gaps_failed" if self.gaps else "clips_failed"
            return reason_for(code, failed=self.failed, total=self.tasks, first_error=first_error)
        if self.state() == "cancelled":
            return reason_for("files_deleted")
        return self._lost_reason()

    def _lost_reason(self) -> Reason | None:
        if not self.lost or self.stopped_at is None:
            return None
        if self.lost == 1:
            return reason_for("object_lost", frame=self.stopped_at)
        return reason_for("object_lost_repeatedly", frame=self.stopped_at, count=self.lost)


def new_run(question: StartRun, default_threshold: float, tasks: Sequence[Task], created_at: float) -> Run:
    """A queued run."""
    is_quick = question.kind == "quick"
    return Run(
        id=question.run_id,
        project_id=question.project_id,
        kind=question.kind,
        model=question.model,
        media=list(dict.fromkeys(question.media)),
        threshold=default_threshold if question.threshold is None else question.threshold,
        accept=question.accept,
        state="queued",
        progress=0.0,
        frames_done=0,
        frames_total=sum(task.frame_count for task in tasks),
        author=question.author,
        created_at=created_at,
        object_id=question.object_id if is_quick else None,
        first=tasks[0].first if is_quick else None,
        last=tasks[-1].last if is_quick else None,
    )


def progress(frames_done: int, frames_total: int, state: RunState) -> float:
    """Share of the frames that are done, from 0 to 1."""
    return 1.0 if state == "done" else min(1.0, frames_done / max(1, frames_total))
