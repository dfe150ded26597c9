"""Objects and their keyframes. Frames are 0-based over the whole medium."""

from typing import Annotated, Literal

from pydantic import Field

from common.contract.model import Model
from common.geometry.types import Angles, AnnotationType, Geometry, Keypoint
from common.service.ids import ID

Id = Annotated[str, Field(pattern=ID)]
Frame = Annotated[int, Field(ge=0, lt=100_000_000)]
Source = Literal["manual", "quick", "interpolated", "model", "import"]
Attributes = dict[str, str | bool | float]
Score = Annotated[float, Field(ge=0, le=1)]


class Keyframe(Model):
    """The geometry of an object on one frame. The frames up to the next keyframe are interpolated.

    With `outside`, the object is out of view from this frame on. `score` is the confidence of a detector, 0 to 1.
    `attributes` are the mutable ones; each holds from this keyframe until a later one sets it. `keypoints` and `rpy`
    belong to a box or a polygon.
    """

    frame: Frame
    geometry: Geometry
    outside: bool = False
    occluded: bool = False
    source: Source = "manual"
    score: Score | None = None
    attributes: Attributes = {}
    keypoints: list[Keypoint] = []
    rpy: Angles | None = None


class Behavior(Model):
    """A behaviour of an object on frames first…last (inclusive): the id of its type, and one of its attributes."""

    id: Id
    name: str = Field(min_length=1, max_length=200)
    attribute: str | None = Field(default=None, max_length=200)
    first: Frame
    last: Frame


class ObjectState(Model):
    """An object over the whole medium at one revision.

    `mission`, `category`, `type` and the keys of `attributes` are ids, which renaming does not change. A label of the
    whole medium is an object of annotation type `label`; the one with the latest `preferred_at` is the default label.
    `model` is the name and version of the model that created the object.
    """

    id: Id
    project_id: Id
    media_id: Id
    mission: str
    category: str
    type: str | None = None
    attributes: Attributes = {}
    annotation_type: AnnotationType = "bbox"
    keyframes: list[Keyframe]
    behaviors: list[Behavior] = []
    source: Source = "manual"
    run_id: Id | None = None
    model: str | None = None
    score: float | None = None
    group: Id | None = None
    z_order: int = 0
    done: bool = False
    preferred_at: float | None = None
    deleted: bool = False
    revision: int
    author: str
    created_at: float | None = None


class Suggestion(Model):
    """A track suggested by a model: its keyframes after reduction, with the class name and score of the model."""

    id: Id
    label: str
    score: float
    keyframes: list[Keyframe]


class Suggestions(Model):
    """The file with the suggestions of one run for one clip."""

    run_id: Id
    media_id: Id
    clip: int
    model: str
    tracks: list[Suggestion]
