"""A run: a model over clips of media, and what becomes of it as its clips end."""

from dataclasses import dataclass
from typing import Literal

from common.events import RunChanged, RunState
from common.questions import Run

ClipState = Literal["open", "done", "failed", "cancelled"]
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
    """A run's clips, counted by state, and their frames. Of a cancelled clip only the frames that were done count."""

    frames_total: int = 0
    frames_done: int = 0
    clips: int = 0
    open: int = 0
    failed: int = 0
    cancelled: int = 0

    def state(self) -> RunState:
        """What the run is when its clips are like this."""
        if self.open:
            return "running"
        if self.failed:
            return "failed"
        return "cancelled" if self.cancelled == self.clips else "done"

    def reason(self, first_failure: str | None) -> str | None:
        """Why the run is not what was hoped for, in words."""
        if self.failed and self.clips == 1:
            return first_failure
        if self.failed:
            return f"{self.failed} of {self.clips} clips could not be labeled. {first_failure or ''}".strip()
        return "Its media were deleted." if self.state() == "cancelled" else None


def progress(frames_done: int, frames_total: int, state: RunState) -> float:
    """Share of the frames that are done, from 0 to 1."""
    return 1.0 if state == "done" else min(1.0, frames_done / max(1, frames_total))
