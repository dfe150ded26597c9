"""The closed set of edits by which objects change. Annotation applies each with a pure function that guards the
invariants of objects, so that every resulting object can be displayed, trained on and exported."""

from typing import Annotated, Literal

from pydantic import Field, FiniteFloat

from common.contract.errors import Reason
from common.contract.labels import Attributes, Behavior, Frame, Id, Keyframe, ObjectState, Source
from common.contract.model import Model
from common.geometry.types import Point

Value = str | bool | float
Name = Annotated[str, Field(min_length=1, max_length=200)]
# A scale factor.
Factor = Annotated[FiniteFloat, Field(gt=0, le=1000)]


class ObjectRevision(Model):
    """An object, and its revision that the client has loaded."""

    object: Id
    base_revision: int = Field(ge=0)


class _Edit(ObjectRevision):
    """One change of one object. The client generates the id. Idempotent by `id`.

    `base_revision` is the revision that the client has loaded; 0 for `create`. Edits with the same `operation` are
    undone together; an edit without one is a separate operation.
    """

    id: Id
    operation: Id | None = None


# ---- class and properties ----


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
    """Change the class of the object. Attributes that the new class does not have are removed."""

    verb: Literal["set_category"] = "set_category"
    mission: Name | None = None
    category: Name
    type: str | None = Field(default=None, max_length=200)


class SetAttributes(_Edit):
    """Set the given attributes; null clears one. With `frame`, mutable ones change from that frame on; a keyframe is
    added there if necessary."""

    verb: Literal["set_attributes"] = "set_attributes"
    attributes: dict[str, Value | None] = Field(min_length=1, max_length=200)
    frame: Frame | None = None


class SetDone(_Edit):
    """Mark the object as done or not done."""

    verb: Literal["set_done"] = "set_done"
    done: bool


class SetGroup(_Edit):
    """Add the object to a group, or remove it from its group."""

    verb: Literal["set_group"] = "set_group"
    group: Id | None


class SetZOrder(_Edit):
    """Change the stacking order. Objects with a higher value are in front."""

    verb: Literal["set_z_order"] = "set_z_order"
    z_order: int = Field(ge=-1_000_000, le=1_000_000)


class MakeDefault(_Edit):
    """Make a label of the whole medium its default label."""

    verb: Literal["make_default"] = "make_default"


# ---- geometry over time ----


class PutKeyframe(_Edit):
    """Add or replace the keyframe on its frame."""

    verb: Literal["put_keyframe"] = "put_keyframe"
    keyframe: Keyframe


class RemoveKeyframe(_Edit):
    """Remove the keyframe on `frame`. The last one cannot be removed."""

    verb: Literal["remove_keyframe"] = "remove_keyframe"
    frame: Frame


class _FrameRangeEdit(_Edit):
    """An edit of frames first…last, inclusive (default: all frames)."""

    first: Frame | None = None
    last: Frame | None = None


class SetPresence(_FrameRangeEdit):
    """Mark the object as visible or out of view on frames first…last. Where it comes back into view, it has its
    interpolated position. An object that is not visible on any frame is deleted."""

    verb: Literal["set_presence"] = "set_presence"
    present: bool


class SetOcclusion(_FrameRangeEdit):
    """Mark the object as occluded or not occluded on frames first…last."""

    verb: Literal["set_occlusion"] = "set_occlusion"
    occluded: bool


class Move(_FrameRangeEdit):
    """Move the shape of every keyframe by pixels."""

    verb: Literal["move"] = "move"
    dx: FiniteFloat
    dy: FiniteFloat


class Scale(_FrameRangeEdit):
    """Scale the shape of every keyframe about a point, or each about its center."""

    verb: Literal["scale"] = "scale"
    factor_x: Factor
    factor_y: Factor
    about: Point | None = None


class Shift(_Edit):
    """Move the whole object in time by a number of frames."""

    verb: Literal["shift"] = "shift"
    frames: int = Field(gt=-100_000_000, lt=100_000_000)


class Propagate(_Edit):
    """Copy the shape of `frame` to all frames up to `to`, later or earlier. Keyframes between them are removed."""

    verb: Literal["propagate"] = "propagate"
    frame: Frame
    to: Frame


class Reduce(_FrameRangeEdit):
    """Remove keyframes as long as every shape stays within `tolerance` pixels of its previous position."""

    verb: Literal["reduce"] = "reduce"
    tolerance: Annotated[FiniteFloat, Field(gt=0, le=1000)]


class PutGenerated(_Edit):
    """Replace the generated keyframes (quick, model, interpolated) on frames first…last. Manual and imported keyframes
    are kept."""

    verb: Literal["put_generated"] = "put_generated"
    first: Frame
    last: Frame
    keyframes: list[Keyframe] = Field(max_length=20_000)


class Convert(_Edit):
    """Convert the shapes of the object: a box or polygon to a bitmap (keypoints and attributes of keyframes are
    removed), a bitmap to a polygon (with fewer points if `simplified`), a box to a polygon."""

    verb: Literal["convert"] = "convert"
    to: Literal["bitmap", "polygon"]
    simplified: bool = False


# ---- behaviours ----


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
    """Split the object: from `frame` on, it becomes a new object with the id `into`."""

    verb: Literal["split"] = "split"
    frame: Frame
    into: Id


class Merge(_Edit):
    """Merge objects of the same annotation type into this one; the others are deleted. If several have a keyframe on a
    frame, this object's is kept, otherwise that of the first one in `others`."""

    verb: Literal["merge"] = "merge"
    others: list[ObjectRevision] = Field(min_length=1, max_length=100)


class Delete(_Edit):
    """Delete the object. Its history is kept."""

    verb: Literal["delete"] = "delete"


class Restore(_Edit):
    """Restore the object, deleted or not, to its state at `revision`."""

    verb: Literal["restore"] = "restore"
    revision: int = Field(ge=1)


class Revert(_Edit):
    """Undo the change that led to `revision`, and keep later changes."""

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
    edit created or changed, or that it conflicts with. `reason` explains why an edit was not applied."""

    id: str
    status: Literal["applied", "duplicate", "conflict", "refused"]
    revision: int | None = None
    object: ObjectState | None = None
    others: list[ObjectState] = []
    reason: Reason | None = None


class Rules(Model):
    """Labeling rules of a project. `outside`: shapes that extend beyond the image are kept, clipped or refused.
    `sync_labels`: each new object also labels the whole medium with its category."""

    outside: Literal["keep", "clamp", "refuse"] = "keep"
    sync_labels: bool = False
