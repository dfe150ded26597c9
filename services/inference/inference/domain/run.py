"""A run: a model over clips of media, and what becomes of it as its clips end."""

from dataclasses import dataclass
from typing import Literal

from common.contract.errors import Reason, reason_for
from common.contract.events import RunChanged, RunState
from common.contract.questions import Run

PartState = Literal["open", "done", "failed", "cancelled"]
OPEN: tuple[RunState, ...] = ("queued", "running")


@dataclass(frozen=True, slots=True)
class RunRecord:
    """A run at one revision. `untold`: this state may not have been told; `unqueued`: its jobs may not have been."""

    run: Run
    revision: int
    untold: bool
    unqueued: bool

    @property
    def is_open(self) -> bool:
        """Whether the run still works or will."""
        return self.run.state in OPEN

    def changed(self) -> RunChanged:
        """The fact that the run is as it is now."""
        run = self.run
        return RunChanged(
            project_id=run.project_id,
            run_id=run.id,
            revision=self.revision,
            state=run.state,
            kind=run.kind,
            model=run.model,
            media=run.media,
            progress=run.progress,
            frames_done=run.frames_done,
            frames_total=run.frames_total,
            reason=run.reason,
        )


@dataclass(frozen=True, slots=True)
class Tally:
    """A run's parts, counted by state, and their frames; those of a quick run are gaps. Of a cancelled part only
    the frames that were done count. `lost` of its gaps lost the object, the first on frame `stopped_at`."""

    frames_total: int = 0
    frames_done: int = 0
    parts: int = 0
    gaps: int = 0
    open: int = 0
    failed: int = 0
    cancelled: int = 0
    lost: int = 0
    stopped_at: int | None = None

    def state(self) -> RunState:
        """What the run is when its parts are like this."""
        if self.open:
            return "running"
        if self.failed:
            return "failed"
        return "cancelled" if self.cancelled == self.parts else "done"

    def reason(self, first_error: Reason | None) -> Reason | None:
        """Why the run failed, was cancelled, or is incomplete."""
        if self.failed and first_error is not None:
            if self.parts == 1:
                return first_error
            code = "gaps_failed" if self.gaps else "clips_failed"
            return reason_for(code, failed=self.failed, total=self.parts, first_error=first_error)
        if self.state() == "cancelled":
            return reason_for("files_deleted")
        return self._lost_reason()

    def _lost_reason(self) -> Reason | None:
        if not self.lost or self.stopped_at is None:
            return None
        if self.lost == 1:
            return reason_for("object_lost", frame=self.stopped_at)
        return reason_for("object_lost_repeatedly", frame=self.stopped_at, count=self.lost)


def progress(frames_done: int, frames_total: int, state: RunState) -> float:
    """Share of the frames that are done, from 0 to 1."""
    return 1.0 if state == "done" else min(1.0, frames_done / max(1, frames_total))
