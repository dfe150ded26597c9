"""Questions to annotation about all labels at once: snapshots and statistics."""

from typing import Annotated, Literal

from pydantic import Field

from common.contract.labels import Id
from common.contract.missions import Mission
from common.contract.model import Model
from common.contract.questions.question import Question


class Snapshot(Model):
    """A consistent snapshot of a project's labels: a gzip-compressed NDJSON object in S3 with one `ObjectState` per
    line, ordered by medium; and the missions they refer to."""

    object_key: str
    objects: int
    media: list[Id]
    missions: list[Mission]


class TakeSnapshot(Question[Snapshot], to="annotation", timeout_s=300.0):
    """Write a snapshot of the objects of media (default: all), current or as of time `at`. Idempotent by
    `snapshot_id`."""

    snapshot_id: Id
    project_id: Id
    media: list[Id] | None = None
    at: float | None = None


Measure = Literal["objects", "edits", "seconds"]
Dimension = Literal["mission", "category", "type", "annotation_type", "attribute", "source", "person", "day", "medium"]


class StatisticsRow(Model):
    """A number and its group `of`: one value per requested dimension, or null."""

    of: list[str | None]
    value: float


class StatisticsRows(Model):
    """The largest numbers first."""

    rows: list[StatisticsRow]


class ReadStatistics(Question[StatisticsRows], to="annotation", timeout_s=60.0):
    """Count the objects, edits or labeling seconds of a project, grouped by at most two dimensions. `seconds` and
    `edits` can be grouped by person and day, `edits` also by medium. `attribute` counts values (`name=value`) and
    cannot be combined. Days are `YYYY-MM-DD` in UTC."""

    project_id: Id
    measure: Measure = "objects"
    by: list[Dimension] = Field(default=[], max_length=2)
    media: list[Id] | None = Field(default=None, max_length=1000)
    category: str | None = None
    source: str | None = None
    person: str | None = None
    since: Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\d$")] | None = None
    until: Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\d$")] | None = None
