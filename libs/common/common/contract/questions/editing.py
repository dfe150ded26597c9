"""Questions to annotation that change objects."""

from typing import Any

from pydantic import Field

from common.contract.edits import Edit, EditResult, Rules
from common.contract.labels import Frame, Id
from common.contract.model import Model
from common.contract.questions.question import MediumQuestion, Question
from common.geometry.types import AnnotationType


class EditResults(Model):
    """The result of each edit, in the order of the request."""

    results: list[EditResult]


class ApplyEdits(MediumQuestion[EditResults], to="annotation"):
    """Apply edits to the objects of one medium in one transaction. With `atomic`, all or none."""

    edits: list[Edit] = Field(min_length=1, max_length=500)
    atomic: bool = False
    author: str
    session: str | None = Field(default=None, max_length=64)
    frame_count: int | None = None
    rules: Rules = Rules()


class OperationResult(Model):
    """The result of an operation on many objects: the number of edits applied, and the first 100 that failed."""

    operation: Id
    applied: int
    failed: int = 0
    failures: list[EditResult] = []


class OperationQuestion(Question[OperationResult]):
    """An operation on many objects that is undone as a whole. Idempotent by `operation`."""

    operation: Id
    project_id: Id
    author: str
    session: str | None = Field(default=None, max_length=64)


class Selection(Model):
    """Objects of a medium: the listed ones, or all that are visible or have a keyframe on frames first…last (default:
    all frames), filtered by category, annotation type and source."""

    objects: list[Id] | None = Field(default=None, max_length=10_000)
    first: Frame | None = None
    last: Frame | None = None
    category: str | None = None
    annotation_type: AnnotationType | None = None
    source: str | None = None


class EditSelection(OperationQuestion, to="annotation", timeout_s=120.0):
    """Apply the same change to many objects of a medium as one operation. `change` is an edit without id, operation,
    object and base revision, for example `{"verb": "delete"}`."""

    media_id: Id
    selection: Selection
    change: dict[str, Any]
    rules: Rules = Rules()
