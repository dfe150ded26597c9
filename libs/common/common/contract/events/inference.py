"""What inference tells: runs, and what they found."""

from typing import Literal

from pydantic import Field

from common.contract.errors import Reason
from common.contract.events.event import Event, MediaEvent
from common.contract.labels import Frame, Id

RunState = Literal["queued", "running", "done", "failed", "cancelled"]


class LabelClip(MediaEvent):
    """Job: detect and track on one clip, for one run."""

    type = "job.label_clip"
    stream = "INFERENCE_JOBS"
    by = "inference"

    run_id: Id
    clip: int

    def key(self) -> tuple[str | int, ...]:
        return (self.run_id, self.media_id, self.clip)


class TrackObject(MediaEvent):
    """Job: follow an object through frames first…last, between keyframes that a person set, for one run."""

    type = "job.track_object"
    stream = "INFERENCE_JOBS"
    by = "inference"

    run_id: Id
    object_id: Id
    first: Frame
    last: Frame

    def key(self) -> tuple[str | int, ...]:
        return (self.run_id, self.object_id, self.first, self.last)


class RunChanged(Event):
    """A run was queued, went on, or ended. `revision` grows with every change."""

    type = "run.changed"
    stream = "LABELS"
    by = "inference"

    run_id: Id
    revision: int
    state: RunState
    kind: str
    model: str
    media: list[Id]
    progress: float = Field(ge=0, le=1)
    frames_done: int
    frames_total: int
    reason: Reason | None = None

    @property
    def about(self) -> str:
        return self.run_id

    def key(self) -> tuple[str | int, ...]:
        return (self.run_id, self.revision)


class LabelsSuggested(MediaEvent):
    """A run proposes tracks for a clip; they lie in S3 under `object_key` (a `Suggestions` file)."""

    type = "labels.suggested"
    stream = "LABELS"
    by = "inference"

    run_id: Id
    clip: int
    first: Frame
    last: Frame
    object_key: str
    count: int
    model: str
    accept: Literal["suggest", "auto"]
    author: str

    def key(self) -> tuple[str | int, ...]:
        return (self.run_id, self.media_id, self.clip)


class LabelsTracked(MediaEvent):
    """A run followed an object through frames first…last; its keyframes lie in S3 under `object_key` (a `Suggestions`
    file with one track, whose id is the object's). Where it lost the object it stopped: at frame `stopped_at`."""

    type = "labels.tracked"
    stream = "LABELS"
    by = "inference"

    run_id: Id
    object_id: Id
    first: Frame
    last: Frame
    object_key: str
    stopped_at: Frame | None = None
    author: str

    def key(self) -> tuple[str | int, ...]:
        return (self.run_id, self.object_id, self.first, self.last)
