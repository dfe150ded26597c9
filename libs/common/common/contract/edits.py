"""The closed set of verbs by which objects change. Each is a small pure function in annotation, which guards what
must hold of an object; whatever an edit leaves behind can be shown, trained on and exported."""

from typing import Annotated, Literal

from pydantic import Field, FiniteFloat

from common.contract.errors import Reason
from common.contract.labels import Attributes, Behavior, Frame, Id, Keyframe, ObjectState, Source
from common.contract.model import Model
from common.geometry.types import Point

Value = str | bool | float
Name = Annotated[str, Field(min_length=1, max_length=200)]
# A factor by which a shape grows.
Factor = Annotated[FiniteFloat, Field(gt=0, le=1000)]


class ObjectRevision(Model):
    """An object as an editor saw it."""

    object: Id
    base_revision: int = Field(ge=0)


class _Edit(ObjectRevision):
    """One change of one object. The client makes the id; the same id again gets the same answer.

    `base_revision` is the revision that the editor saw; 0 for `create`. Edits with the same `operation` are one act
    of a person and are undone together; without one, an edit is an act of its own.
    """

    id: Id
    operation: Id | None = None


# ---- what it is ----


class Create(_Edit):
    """A new object with its first keyframes."""

    verb: Literal["create"] = "create"
    mission: Name
    category: Name
    type: str | None = Field(default=None, max_length=200)
    attributes: Attributes = {}
    keyframes: list[Keyframe] = Field(min_length=1, max_length=20_000)
    behaviors: list[Behavior] = []
    group: Id | None = None
    z_order: int = Field(default=0, ge=-1_000_000, le=1_000_000)
    done: bool = False
    source: Source = "manual"
    run_id: Id | None = None
    model: str | None = Field(default=None, max_length=200)
    score: float | None = None


class SetCategory(_Edit):
    """Change what the object is. Attributes that the new category does not know go."""

    verb: Literal["set_category"] = "set_category"
    mission: Name | None = None
    category: Name
    type: str | None = Field(default=None, max_length=200)


class SetAttributes(_Edit):
    """Set the named attributes; `None` clears one; others stay. With `frame`, mutable ones change from that frame on:
    on the keyframe there, which is made where there is none."""

    verb: Literal["set_attributes"] = "set_attributes"
    attributes: dict[str, Value | None] = Field(min_length=1, max_length=200)
    frame: Frame | None = None


class SetDone(_Edit):
    """Tick or untick the object."""

    verb: Literal["set_done"] = "set_done"
    done: bool


class SetGroup(_Edit):
    """Make the object one of a group of things that belong together, or of none."""

    verb: Literal["set_group"] = "set_group"
    group: Id | None


class SetZOrder(_Edit):
    """Put the object before or behind others: higher is nearer."""

    verb: Literal["set_z_order"] = "set_z_order"
    z_order: int = Field(ge=-1_000_000, le=1_000_000)


class MakeDefault(_Edit):
    """Make a label of the whole medium its default one."""

    verb: Literal["make_default"] = "make_default"


# ---- where it is ----


class PutKeyframe(_Edit):
    """Set or replace the keyframe on its frame: draw, move, resize, leave view, come back."""

    verb: Literal["put_keyframe"] = "put_keyframe"
    keyframe: Keyframe


class RemoveKeyframe(_Edit):
    """Remove the keyframe on `frame`; the last one cannot go."""

    verb: Literal["remove_keyframe"] = "remove_keyframe"
    frame: Frame


class _Stretch(_Edit):
    """An edit of frames first…last, inclusive; all if not given."""

    first: Frame | None = None
    last: Frame | None = None


class SetPresence(_Stretch):
    """Say that the object is in view, or is not, on frames first…last. Where it comes back it is where it was going
    to be. One that would be visible nowhere is deleted."""

    verb: Literal["set_presence"] = "set_presence"
    present: bool


class SetOcclusion(_Stretch):
    """Say that something hides a part of the object, or that nothing does, on frames first…last."""

    verb: Literal["set_occlusion"] = "set_occlusion"
    occluded: bool


class Move(_Stretch):
    """Move every keyframe's shape by pixels."""

    verb: Literal["move"] = "move"
    dx: FiniteFloat
    dy: FiniteFloat


class Scale(_Stretch):
    """Make every keyframe's shape larger or smaller, about a point or each about its own centre."""

    verb: Literal["scale"] = "scale"
    factor_x: Factor
    factor_y: Factor
    about: Point | None = None


class Shift(_Edit):
    """Move the whole object in time by so many frames."""

    verb: Literal["shift"] = "shift"
    frames: int = Field(gt=-100_000_000, lt=100_000_000)


class Propagate(_Edit):
    """Hold the shape of `frame` up to frame `to`, later or earlier; keyframes between them go."""

    verb: Literal["propagate"] = "propagate"
    frame: Frame
    to: Frame


class Reduce(_Stretch):
    """Keep as few keyframes as leave every shape within `tolerance` pixels of where it was."""

    verb: Literal["reduce"] = "reduce"
    tolerance: Annotated[FiniteFloat, Field(gt=0, le=1000)]


class PutGenerated(_Edit):
    """Replace the generated keyframes (quick, model, interpolated) on frames first…last by these; a keyframe that a
    person set or that was imported stays."""

    verb: Literal["put_generated"] = "put_generated"
    first: Frame
    last: Frame
    keyframes: list[Keyframe] = Field(max_length=20_000)


class Convert(_Edit):
    """Make the object's shapes another kind: a box or polygon becomes a bitmap (its keypoints and attributes go), a
    bitmap becomes a polygon (with fewer points if `simplified`), a box becomes a polygon."""

    verb: Literal["convert"] = "convert"
    to: Literal["bitmap", "polygon"]
    simplified: bool = False


# ---- what it does ----


class PutBehavior(_Edit):
    """Add a behaviour, or replace the one with its id."""

    verb: Literal["put_behavior"] = "put_behavior"
    behavior: Behavior


class RemoveBehavior(_Edit):
    """Remove a behaviour."""

    verb: Literal["remove_behavior"] = "remove_behavior"
    behavior: Id


# ---- whole objects ----


class Split(_Edit):
    """Make what the object is from `frame` on an object of its own, with the id `into`."""

    verb: Literal["split"] = "split"
    frame: Frame
    into: Id


class Merge(_Edit):
    """Join objects of the same kind into this one; the others are deleted. Where several have a keyframe on a frame,
    this object's stays, then that of the first one named."""

    verb: Literal["merge"] = "merge"
    others: list[ObjectRevision] = Field(min_length=1, max_length=100)


class Delete(_Edit):
    """Delete the object; history keeps it."""

    verb: Literal["delete"] = "delete"


class Restore(_Edit):
    """Bring the object to the state it had at `revision`, deleted or not."""

    verb: Literal["restore"] = "restore"
    revision: int = Field(ge=1)


class Revert(_Edit):
    """Take back what the change to `revision` did to the object, and leave what was changed since."""

    verb: Literal["revert"] = "revert"
    revision: int = Field(ge=1)


Edit = Annotated[
    Create
    | PutKeyframe
    | RemoveKeyframe
    | SetCategory
    | SetAttributes
    | SetDone
    | SetGroup
    | SetZOrder
    | MakeDefault
    | SetPresence
    | SetOcclusion
    | Move
    | Scale
    | Shift
    | Propagate
    | Reduce
    | PutGenerated
    | Convert
    | PutBehavior
    | RemoveBehavior
    | Split
    | Merge
    | Delete
    | Restore
    | Revert,
    Field(discriminator="verb"),
]


class EditResult(Model):
    """The result of an edit. `conflict` and `applied` carry the current object; `others` are further objects that the
    edit created or changed, or that it conflicts with. `reason` says why it was not applied."""

    id: str
    status: Literal["applied", "duplicate", "conflict", "refused"]
    revision: int | None = None
    object: ObjectState | None = None
    others: list[ObjectState] = []
    reason: Reason | None = None


class Rules(Model):
    """How a project wants its labels. `outside`: what becomes of shapes that reach beyond the picture: they are kept,
    cut to it, or refused. `sync_labels`: each new object also labels the whole medium with its category."""

    outside: Literal["keep", "clamp", "refuse"] = "keep"
    sync_labels: bool = False
