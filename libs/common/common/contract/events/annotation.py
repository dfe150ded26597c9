"""Events of annotation: objects, missions, reviews and clips."""

from typing import Literal

from common.contract.edits import Edit
from common.contract.events.event import Event, MediaEvent
from common.contract.labels import Id, ObjectState
from common.contract.media import LabelState
from common.contract.missions import Mission


class MissionChanged(
    Event, type="mission.changed", stream="ANNOTATION", by="annotation", key=("mission_id", "revision")
):
    """A mission was created, changed or deleted (`mission` is null). It holds the names behind the ids in labels."""

    mission_id: Id
    revision: int
    mission: Mission | None


class LabelsReviewed(MediaEvent, type="labels.reviewed", stream="ANNOTATION", by="annotation", key=("suggestion_id",)):
    """A suggestion was accepted, unchanged or edited, as object `object_id`, or it was rejected."""

    suggestion_id: Id
    run_id: Id
    review: Literal["accepted", "rejected", "edited"]
    object_id: Id | None = None
    reviewer: str
    at: float


class AnnotationChanged(
    MediaEvent, type="annotation.changed", stream="ANNOTATION", by="annotation", key=("object_id", "revision")
):
    """An edit was applied to an object. Events of one object arrive in order. `object` is its new state; a large state
    is stored in S3 under `object_key` instead."""

    change_id: Id
    object_id: Id
    revision: int
    author: str
    session: str | None = None
    at: float
    edit: Edit | None = None
    object: ObjectState | None = None
    object_key: str | None = None


class ClipState(
    MediaEvent, type="clip.state", stream="ANNOTATION", by="annotation", key=("media_id", "clip", "revision")
):
    """The labeling state of a clip and its number of objects."""

    clip: int
    revision: int
    label_state: LabelState
    objects: int
