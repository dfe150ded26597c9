"""A run: a model over clips of media, and what becomes of it as its clips end."""

from dataclasses import dataclass
from typing import Literal

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

    def reason(self, first_failure: str | None) -> str | None:
        """Why the run is not what was hoped for, in words."""
        if self.failed and self.parts == 1:
            return first_failure
        if self.failed:
            what = "gaps could not be followed" if self.gaps else "clips could not be labeled"
            return f"{self.failed} of {self.parts} {what}. {first_failure or ''}".strip()
        if self.state() == "cancelled":
            return "Its media were deleted."
        return self._where_lost() if self.lost else None

    def _where_lost(self) -> str:
        if self.lost == 1:
            return f"Lost the object at frame {self.stopped_at}; set a keyframe there and run again."
        more = f"{self.lost - 1} more {'place' if self.lost == 2 else 'places'}"
        return f"Lost the object at frame {self.stopped_at} and at {more}; set keyframes there and run again."


def progress(frames_done: int, frames_total: int, state: RunState) -> float:
    """Share of the frames that are done, from 0 to 1."""
    return 1.0 if state == "done" else min(1.0, frames_done / max(1, frames_total))
