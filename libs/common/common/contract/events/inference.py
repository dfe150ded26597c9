"""Events of inference: runs and their results."""

from typing import Literal

from pydantic import Field

from common.contract.errors import Reason
from common.contract.events.event import Event, MediaEvent
from common.contract.labels import Frame, Id

RunState = Literal["queued", "running", "done", "failed", "cancelled"]


class LabelClip(
    MediaEvent, type="job.label_clip", stream="INFERENCE_JOBS", by="inference", key=("run_id", "media_id", "clip")
):
    """Job: detect and track objects on one clip, for one run."""

    run_id: Id
    clip: int


class TrackObject(
    MediaEvent,
    type="job.track_object",
    stream="INFERENCE_JOBS",
    by="inference",
    key=("run_id", "object_id", "first", "last"),
):
    """Job: track one object through frames first…last, between its manual keyframes, for one run."""

    run_id: Id
    object_id: Id
    first: Frame
    last: Frame


class RunChanged(Event, type="run.changed", stream="LABELS", by="inference", key=("run_id", "revision")):
    """A run was queued, progressed or ended. `revision` grows with every change."""

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


class LabelsSuggested(
    MediaEvent, type="labels.suggested", stream="LABELS", by="inference", key=("run_id", "media_id", "clip")
):
    """A run suggests tracks for a clip. They are stored in S3 under `object_key` (a `Suggestions` file)."""

    run_id: Id
    clip: int
    first: Frame
    last: Frame
    object_key: str
    count: int
    model: str
    accept: Literal["suggest", "auto"]
    author: str


class LabelsTracked(
    MediaEvent, type="labels.tracked", stream="LABELS", by="inference", key=("run_id", "object_id", "first", "last")
):
    """A run tracked an object through frames first…last. Its keyframes are stored in S3 under `object_key` (a
    `Suggestions` file with one track that has the object's id). `stopped_at` is the frame where the object was lost."""

    run_id: Id
    object_id: Id
    first: Frame
    last: Frame
    object_key: str
    stopped_at: Frame | None = None
    author: str
