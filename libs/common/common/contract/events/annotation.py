"""What annotation tells: objects, missions, reviews, clips."""

from typing import Literal

from common.contract.edits import Edit
from common.contract.events.event import Event, MediaEvent
from common.contract.labels import Id, ObjectState
from common.contract.media import LabelState
from common.contract.missions import Mission


class MissionChanged(Event):
    """A mission is as it is now, or gone (`mission` is null): the names behind the ids in labels."""

    type = "mission.changed"
    stream = "ANNOTATION"
    by = "annotation"

    mission_id: Id
    revision: int
    mission: Mission | None

    @property
    def about(self) -> str:
        return self.mission_id

    def key(self) -> tuple[str | int, ...]:
        return (self.mission_id, self.revision)


class LabelsReviewed(MediaEvent):
    """A person accepted a suggestion, as it was or edited, as object `object_id`; or rejected it."""

    type = "labels.reviewed"
    stream = "ANNOTATION"
    by = "annotation"

    suggestion_id: Id
    run_id: Id
    review: Literal["accepted", "rejected", "edited"]
    object_id: Id | None = None
    reviewer: str
    at: float

    def key(self) -> tuple[str | int, ...]:
        return (self.suggestion_id,)


class AnnotationChanged(MediaEvent):
    """An edit was applied to an object; in order for each object. Its new state, or, where that is large, the key
    of the object in S3 that holds it."""

    type = "annotation.changed"
    stream = "ANNOTATION"
    by = "annotation"

    change_id: Id
    object_id: Id
    revision: int
    author: str
    session: str | None = None
    at: float
    edit: Edit | None = None
    object: ObjectState | None = None
    object_key: str | None = None

    def key(self) -> tuple[str | int, ...]:
        return (self.object_id, self.revision)


class ClipState(MediaEvent):
    """How far the labeling of a clip is, and how many objects touch it."""

    type = "clip.state"
    stream = "ANNOTATION"
    by = "annotation"

    clip: int
    revision: int
    label_state: LabelState
    objects: int

    def key(self) -> tuple[str | int, ...]:
        return (self.media_id, self.clip, self.revision)
