"""Questions to annotation about objects and their shapes."""

from common.contract.labels import Attributes, Frame, Id, ObjectState
from common.contract.model import Model
from common.contract.questions.question import A, MediumQuestion, Question
from common.geometry.types import Angles, Geometry, Keypoint


class ObjectList(Model):
    """Objects of a medium."""

    objects: list[ObjectState]


class ReadObjects(MediumQuestion[ObjectList], to="annotation"):
    """The objects that are visible or have a keyframe on frames first…last (default: all frames), current or as of time
    `at` (Unix seconds)."""

    first: Frame | None = None
    last: Frame | None = None
    at: float | None = None


class _VisibleRow(Model):
    frame: Frame
    object_id: Id
    category: str
    type: str | None = None
    key: bool
    occluded: bool = False
    source: str
    score: float | None = None


class BoxRow(_VisibleRow):
    """The bounding box of a visible shape on one frame."""

    x1: float
    y1: float
    x2: float
    y2: float
    rotation: float = 0.0


class BoxRows(Model):
    """Boxes by frame."""

    rows: list[BoxRow]


class _FrameRangeQuestion(MediumQuestion[A]):
    first: Frame
    last: Frame


class ReadBoxes(_FrameRangeQuestion[BoxRows], to="annotation", timeout_s=30.0):
    """The interpolated bounding box of every visible shape on frames first…last (inclusive, at most 1800 frames). Boxes
    keep their rotation. Labels of the whole medium have no box."""


class ShapeRow(_VisibleRow):
    """A visible shape on one frame. `attributes` are those of the object with the mutable ones of this frame."""

    geometry: Geometry
    attributes: Attributes = {}
    keypoints: list[Keypoint] = []
    rpy: Angles | None = None
    z_order: int = 0


class ShapeRows(Model):
    """Shapes by frame, in drawing order: the lowest `z_order` first."""

    rows: list[ShapeRow]


class ReadShapes(_FrameRangeQuestion[ShapeRows], to="annotation", timeout_s=30.0):
    """Every visible shape on frames first…last (inclusive, at most 1800 frames), interpolated."""


class ObjectOwner(Model):
    """The project and medium of an object."""

    object_id: Id
    project_id: Id
    media_id: Id
    revision: int


class FindObject(Question[ObjectOwner], to="annotation"):
    """Find the project and medium of an object."""

    object_id: Id


class TimePoint(Model):
    """A frame with manual keyframes, and their objects."""

    frame: Frame
    objects: list[Id]


class TimePoints(Model):
    """The frames of a medium with manual keyframes, in order."""

    items: list[TimePoint]


class ListTimePoints(MediumQuestion[TimePoints], to="annotation"):
    """The frames of a medium that have manual keyframes."""
