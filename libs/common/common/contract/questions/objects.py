"""What annotation is asked about objects and their shapes."""

from common.contract.labels import Attributes, Frame, Id, ObjectState
from common.contract.model import Model
from common.contract.questions.question import Question
from common.geometry.types import Angles, Geometry, Keypoint


class ObjectList(Model):
    """Objects of a medium."""

    objects: list[ObjectState]


class ReadObjects(Question[ObjectList]):
    """The objects that are visible or have a keyframe on frames first…last (inclusive; all if not given), as they
    are, or as they were at the moment `at` (seconds since 1970)."""

    to = "annotation"

    project_id: Id
    media_id: Id
    first: Frame | None = None
    last: Frame | None = None
    at: float | None = None


class BoxRow(Model):
    """The box around a visible shape on one frame."""

    frame: Frame
    object_id: Id
    category: str
    type: str | None = None
    x1: float
    y1: float
    x2: float
    y2: float
    rotation: float = 0.0
    key: bool
    occluded: bool = False
    source: str
    score: float | None = None


class BoxRows(Model):
    """Boxes by frame."""

    rows: list[BoxRow]


class ReadBoxes(Question[BoxRows]):
    """The box around every visible shape on frames first…last (inclusive, at most 1800 of them), computed. A box is
    as it was drawn, turned or not; labels of the whole medium have none."""

    to = "annotation"
    timeout_s = 30.0

    project_id: Id
    media_id: Id
    first: Frame
    last: Frame


class ShapeRow(Model):
    """A visible shape on one frame. `attributes` are the object's with those that hold on the frame."""

    frame: Frame
    object_id: Id
    category: str
    type: str | None = None
    geometry: Geometry
    key: bool
    occluded: bool = False
    source: str
    score: float | None = None
    attributes: Attributes = {}
    keypoints: list[Keypoint] = []
    rpy: Angles | None = None
    z_order: int = 0


class ShapeRows(Model):
    """Shapes by frame, the farthest first."""

    rows: list[ShapeRow]


class ReadShapes(Question[ShapeRows]):
    """Every visible shape on frames first…last (inclusive, at most 1800 of them), computed."""

    to = "annotation"
    timeout_s = 30.0

    project_id: Id
    media_id: Id
    first: Frame
    last: Frame


class ObjectOwner(Model):
    """Whose an object is."""

    object_id: Id
    project_id: Id
    media_id: Id
    revision: int


class FindObject(Question[ObjectOwner]):
    """Which project and medium an object belongs to."""

    to = "annotation"

    object_id: Id


class TimePoint(Model):
    """A frame on which somebody set shapes by hand, and the objects that they belong to."""

    frame: Frame
    objects: list[Id]


class TimePoints(Model):
    """The labeled frames of a medium, in order."""

    items: list[TimePoint]


class ListTimePoints(Question[TimePoints]):
    """On which frames of a medium somebody set shapes."""

    to = "annotation"

    project_id: Id
    media_id: Id
