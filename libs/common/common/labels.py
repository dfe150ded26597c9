"""Labels as they travel: objects, their keyframes, and edits. Coordinates are float pixels, origin at the
top-left corner of the top-left pixel; frames are 0-based over the whole medium."""

from typing import Annotated, Literal

from pydantic import Field, FiniteFloat

from common.ids import ID
from common.model import Model

Id = Annotated[str, Field(pattern=ID)]
Frame = Annotated[int, Field(ge=0, lt=100_000_000)]
Source = Literal["manual", "quick", "interpolated", "model", "import"]
AnnotationType = Literal["bbox"]


class Box(Model):
    """An axis-parallel box turned by `rotation` degrees clockwise about its centre."""

    kind: Literal["bbox"] = "bbox"
    x1: FiniteFloat
    y1: FiniteFloat
    x2: FiniteFloat
    y2: FiniteFloat
    rotation: FiniteFloat = 0.0


Attributes = dict[str, str | bool | float]
Geometry = Annotated[Box, Field(description="One geometry kind an object; boxes today")]


class Keyframe(Model):
    """The geometry of an object on one frame, from which the frames up to the next keyframe are computed.

    `outside` means: from this frame on the object is out of view. `score` is a detector's, 0 to 1.
    """

    frame: Frame
    geometry: Geometry
    outside: bool = False
    occluded: bool = False
    source: Source = "manual"
    score: Annotated[float, Field(ge=0, le=1)] | None = None


class ObjectState(Model):
    """An object over the whole medium at one revision."""

    id: Id
    project_id: Id
    media_id: Id
    mission: str
    category: str
    type: str | None = None
    attributes: Attributes = {}
    annotation_type: AnnotationType = "bbox"
    keyframes: list[Keyframe]
    source: Source = "manual"
    run_id: Id | None = None
    score: float | None = None
    done: bool = False
    deleted: bool = False
    revision: int
    author: str


class _Edit(Model):
    """One change of one object. The client makes the id; the same id again gets the same answer.

    `base_revision` is the revision that the editor saw; 0 for `create`.
    """

    id: Id
    object: Id
    base_revision: int = Field(ge=0)


class Create(_Edit):
    """A new object with its first keyframes."""

    verb: Literal["create"] = "create"
    mission: str = Field(min_length=1, max_length=200)
    category: str = Field(min_length=1, max_length=200)
    type: str | None = Field(default=None, max_length=200)
    attributes: Attributes = {}
    keyframes: list[Keyframe] = Field(min_length=1, max_length=20_000)
    source: Source = "manual"
    run_id: Id | None = None
    score: float | None = None


class PutKeyframe(_Edit):
    """Set or replace the keyframe on its frame: draw, move, resize, leave view, come back."""

    verb: Literal["put_keyframe"] = "put_keyframe"
    keyframe: Keyframe


class RemoveKeyframe(_Edit):
    """Remove the keyframe on `frame`; the last one cannot go."""

    verb: Literal["remove_keyframe"] = "remove_keyframe"
    frame: Frame


class SetCategory(_Edit):
    """Change what the object is."""

    verb: Literal["set_category"] = "set_category"
    mission: str | None = Field(default=None, min_length=1, max_length=200)
    category: str = Field(min_length=1, max_length=200)
    type: str | None = Field(default=None, max_length=200)


class SetAttributes(_Edit):
    """Set the named attributes; `None` clears one; others stay."""

    verb: Literal["set_attributes"] = "set_attributes"
    attributes: dict[str, str | bool | float | None] = Field(min_length=1, max_length=200)


class SetDone(_Edit):
    """Tick or untick the object."""

    verb: Literal["set_done"] = "set_done"
    done: bool


class Delete(_Edit):
    """Delete the object; history keeps it."""

    verb: Literal["delete"] = "delete"


class Restore(_Edit):
    """Bring the object to the state it had at `revision`, deleted or not."""

    verb: Literal["restore"] = "restore"
    revision: int = Field(ge=1)


Edit = Annotated[
    Create | PutKeyframe | RemoveKeyframe | SetCategory | SetAttributes | SetDone | Delete | Restore,
    Field(discriminator="verb"),
]


class EditResult(Model):
    """What became of an edit. `conflict` and `applied` carry the object as it is now."""

    id: str
    status: Literal["applied", "duplicate", "conflict", "refused"]
    revision: int | None = None
    object: ObjectState | None = None
    reason: str | None = None


class Category(Model):
    """A name for things, with a colour `#rrggbb`, sub-types and attributes."""

    name: str = Field(min_length=1, max_length=200)
    color: str = Field(pattern="^#[0-9a-fA-F]{6}$")
    types: list[str] = []
    attributes: dict[str, list[str]] = {}


class Mission(Model):
    """What a team labels: categories to choose from and the behaviours they may have."""

    id: Id
    name: str = Field(min_length=1, max_length=200)
    builtin: bool = False
    annotation_types: list[str] = ["bbox"]
    categories: list[Category] = []
    behaviors: dict[str, list[str]] = {}


class Suggestion(Model):
    """A track that a detector proposes: reduced to keyframes, with the name and score the model gave it."""

    id: Id
    label: str
    score: float
    keyframes: list[Keyframe]


class Suggestions(Model):
    """The file that inference writes for one clip of one run."""

    run_id: Id
    media_id: Id
    clip: int
    model: str
    tracks: list[Suggestion]
