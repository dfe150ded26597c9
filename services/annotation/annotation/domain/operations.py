"""Operations on many objects as lists of edits. Edit ids are derived from the id of the operation, so that a repeated
operation makes the same edits."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar

from pydantic import TypeAdapter, ValidationError

from common.contract.edits import Create, Delete, Edit, EditResult, Merge, Restore, Revert, Split
from common.contract.errors import FieldError, Problem, Reason, field_errors
from common.contract.questions import OperationResult
from common.service.ids import stable_id

EDITS_PER_BATCH = 500
_MAX_FAILURES = 100
# Edits whose fields refer to a particular object.
_SINGLE_OBJECT = (Create, Split, Merge, Restore, Revert)
_EDIT: TypeAdapter[Edit] = TypeAdapter(Edit)
_PLACEHOLDERS = {"id": "each", "object": "each", "base_revision": 0, "operation": None}
T = TypeVar("T")


class ObjectVersion(NamedTuple):
    """The revision of an object, and whether it is deleted."""

    revision: int
    deleted: bool


def parse_bulk_change(change: Mapping[str, Any]) -> Edit:
    """A change to make to each object of a selection, as an edit with placeholders for object and ids.

    Raises:
        Problem: The change is not an edit, or refers to a particular object.
    """
    try:
        edit = _EDIT.validate_python({**change, **_PLACEHOLDERS})
    except ValidationError as error:
        errors = field_errors(error.errors(include_url=False))
        raise Problem.of_fields(
            [FieldError(f"change.{field_error.field}".removesuffix("."), field_error.reason) for field_error in errors]
        ) from error
    if isinstance(edit, _SINGLE_OBJECT):
        raise Problem.of_field("change.verb", "cannot_be_combined", verb=edit.verb.capitalize())
    return edit


def edit_each(change: Edit, objects: Mapping[str, int], operation: str) -> list[Edit]:
    """The change as an edit of each object, given with its revision."""
    return [
        change.model_copy(
            update={
                "id": stable_id(operation, object_id),
                "operation": operation,
                "object": object_id,
                "base_revision": revision,
            }
        )
        for object_id, revision in objects.items()
    ]


def restore_edits(then: Mapping[str, ObjectVersion], now: Mapping[str, ObjectVersion], operation: str) -> list[Edit]:
    """The edits that restore earlier versions: objects that did not exist then are deleted, all others return to their
    revision at that time."""
    edits: list[Edit] = []
    for object_id, current in now.items():
        target = {"id": stable_id(operation, object_id), "operation": operation, "object": object_id}
        before = then.get(object_id)
        if before is None and not current.deleted:
            edits.append(Delete(**target, base_revision=current.revision))
        elif before is not None and before.revision < current.revision and not (before.deleted and current.deleted):
            edits.append(Restore(**target, base_revision=current.revision, revision=before.revision))
    return edits


def revert_edits(changes: Iterable[tuple[str, int]], now: Mapping[str, ObjectVersion], operation: str) -> list[Edit]:
    """The edits that revert changes (object, revision), in this order."""
    return [
        Revert(
            id=stable_id(operation, object_id, revision),
            operation=operation,
            object=object_id,
            base_revision=now[object_id].revision,
            revision=revision,
        )
        for object_id, revision in changes
        if object_id in now
    ]


def chunks(items: Sequence[T], size: int = EDITS_PER_BATCH) -> Iterator[Sequence[T]]:
    """Items in sequences of at most `size`."""
    for begin in range(0, len(items), size):
        yield items[begin : begin + size]


class OperationReport:
    """Counts the results of an operation's edits and keeps the first failures."""

    def __init__(self, operation: str, applied: int = 0) -> None:
        self.applied = applied
        self._operation = operation
        self._failed = 0
        self._failures: list[EditResult] = []

    def add(self, subject: str, result: EditResult) -> bool:
        """Count a result, and return whether the edit was applied. A failure is reported with the id of its subject."""
        if result.status in ("applied", "duplicate"):
            self.applied += 1
            return True
        self._failed += 1
        if len(self._failures) < _MAX_FAILURES:
            failure = {"id": subject, "status": result.status, "revision": result.revision, "reason": result.reason}
            self._failures.append(EditResult.model_validate(failure))
        return False

    def refuse(self, subject: str, reason: Reason) -> None:
        """Count a subject that could not be edited."""
        self.add(subject, EditResult(id=subject, status="refused", reason=reason))

    def result(self) -> OperationResult:
        """The result of the operation."""
        return OperationResult(
            operation=self._operation, applied=self.applied, failed=self._failed, failures=self._failures
        )
