"""What annotation is asked about objects: reading, editing, history, snapshots."""

from typing import Annotated, Any, Literal

from pydantic import Field

from common.edits import Edit, EditResult, Rules
from common.geometry import Angles, AnnotationType, Geometry, Keypoint
from common.labels import Attributes, Frame, Id, ObjectState
from common.missions import Mission
from common.model import Model
from common.questions.question import Page, Question

# ---- reading ----


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


# ---- editing ----


class EditResults(Model):
    """What became of each edit, in the order they came."""

    results: list[EditResult]


class ApplyEdits(Question[EditResults]):
    """Apply edits to the objects of one medium in one transaction. With `atomic`, all or none."""

    to = "annotation"

    project_id: Id
    media_id: Id
    edits: list[Edit] = Field(min_length=1, max_length=500)
    atomic: bool = False
    author: str
    session: str | None = Field(default=None, max_length=64)
    frame_count: int | None = None
    rules: Rules = Rules()


class OperationResult(Model):
    """What became of an act on many objects: how many edits it made, and the first hundred that were not applied."""

    operation: Id
    applied: int
    failed: int = 0
    failures: list[EditResult] = []


class Selection(Model):
    """Objects of a medium: those named, or all that are visible or have a keyframe on frames first…last (all if not
    given); of these, those of a category, of a kind, of a source."""

    objects: list[Id] | None = Field(default=None, max_length=10_000)
    first: Frame | None = None
    last: Frame | None = None
    category: str | None = None
    annotation_type: AnnotationType | None = None
    source: str | None = None


class EditSelection(Question[OperationResult]):
    """Make the same change to many objects of a medium, as one act that is undone at once. `change` is an edit
    without id, operation, object and base revision, for instance `{"verb": "delete"}`."""

    to = "annotation"
    timeout_s = 120.0

    operation: Id
    project_id: Id
    media_id: Id
    selection: Selection
    change: dict[str, Any]
    author: str
    session: str | None = Field(default=None, max_length=64)
    rules: Rules = Rules()


# ---- history ----


class HistoryEntry(Model):
    """One change of an object. `edit_id` and `operation` say with what it is undone."""

    revision: int
    author: str
    session: str | None
    at: float
    edit: dict[str, Any]
    object: ObjectState
    operation: str | None = None


class History(Model):
    """The changes of an object, newest first."""

    items: list[HistoryEntry]
    next_cursor: str | None = None


class ReadHistory(Question[History]):
    """How an object came to be what it is."""

    to = "annotation"

    object_id: Id
    page: Page = Page()


class ChangeEntry(Model):
    """One change, without the object's state: that one history of the object shows."""

    object_id: Id
    media_id: Id
    revision: int
    author: str
    session: str | None
    at: float
    operation: str
    edit: dict[str, Any]


class Changes(Model):
    """Changes, newest first."""

    items: list[ChangeEntry]
    next_cursor: str | None = None


class ReadChanges(Question[Changes]):
    """What was changed in a project or a medium, or on its frames first…last, by all or by one person."""

    to = "annotation"

    project_id: Id
    media_id: Id | None = None
    first: Frame | None = None
    last: Frame | None = None
    author: str | None = None
    page: Page = Page()


class RestoreMoment(Question[OperationResult]):
    """Bring the objects on frames first…last of a medium (all if not given) back to what they were at the moment
    `at`: those that were not there yet are deleted, those deleted since come back."""

    to = "annotation"
    timeout_s = 120.0

    operation: Id
    project_id: Id
    media_id: Id
    at: float
    first: Frame | None = None
    last: Frame | None = None
    author: str
    session: str | None = Field(default=None, max_length=64)


class UndoEdits(Question[OperationResult]):
    """Take back the last `count` acts of a person on a medium that are not taken back yet (of one session, if
    given). What others changed since stays: such an act fails with a conflict."""

    to = "annotation"
    timeout_s = 60.0

    operation: Id
    project_id: Id
    media_id: Id
    count: int = Field(default=1, ge=1, le=100)
    of: str
    of_session: str | None = None
    author: str
    session: str | None = Field(default=None, max_length=64)


# ---- snapshots and statistics ----


class Snapshot(Model):
    """A consistent picture of a project's labels: a gzip-packed NDJSON object in S3, one `ObjectState` a line,
    ordered by medium; and the missions they refer to."""

    object_key: str
    objects: int
    media: list[Id]
    missions: list[Mission]


class TakeSnapshot(Question[Snapshot]):
    """Write the objects of media (all if not given) as they are now, or as they were at the moment `at`; the same id
    again is the same snapshot."""

    to = "annotation"
    timeout_s = 300.0

    snapshot_id: Id
    project_id: Id
    media: list[Id] | None = None
    at: float | None = None


Measure = Literal["objects", "edits", "seconds"]
Dimension = Literal["mission", "category", "type", "annotation_type", "attribute", "source", "person", "day", "medium"]


class StatisticsRow(Model):
    """A number and what it is of: one value for each dimension asked for, null where there is none."""

    of: list[str | None]
    value: float


class StatisticsRows(Model):
    """The largest numbers first."""

    rows: list[StatisticsRow]


class ReadStatistics(Question[StatisticsRows]):
    """Count objects, edits or seconds of labeling of a project by at most two dimensions. `seconds` and `edits` know
    person and day, `edits` also medium; `attribute` counts values (`name=value`) and stands alone. Days are
    `YYYY-MM-DD`, in UTC."""

    to = "annotation"
    timeout_s = 60.0

    project_id: Id
    measure: Measure = "objects"
    by: list[Dimension] = Field(default=[], max_length=2)
    media: list[Id] | None = Field(default=None, max_length=1000)
    category: str | None = None
    source: str | None = None
    person: str | None = None
    since: Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\d$")] | None = None
    until: Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\d$")] | None = None
