"""What annotation is asked to change."""

from typing import Any

from pydantic import Field

from common.contract.edits import Edit, EditResult, Rules
from common.contract.labels import Frame, Id
from common.contract.model import Model
from common.contract.questions.question import Question
from common.geometry.types import AnnotationType


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
