"""What annotation is asked about all labels at once: snapshots and statistics."""

from typing import Annotated, Literal

from pydantic import Field

from common.contract.labels import Id
from common.contract.missions import Mission
from common.contract.model import Model
from common.contract.questions.question import Question


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
