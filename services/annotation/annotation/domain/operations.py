"""Acts on many objects at once, as the edits they are made of. Their ids follow from the act's, so that an act that
is asked for again is the same one."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar

from pydantic import TypeAdapter, ValidationError

from common.contract.edits import Create, Delete, Edit, EditResult, Merge, Restore, Revert, Split
from common.contract.questions import OperationResult
from common.service.errors import FieldError, Problem, invalid, message_of
from common.service.ids import same_id

EDITS_AT_ONCE = 500
_FAILURES_TOLD = 100
# They name things that each object has its own of.
_OF_ONE = (Create, Split, Merge, Restore, Revert)
_EDIT: TypeAdapter[Edit] = TypeAdapter(Edit)
_FILLED_IN = {"id": "each", "object": "each", "base_revision": 0, "operation": None}
T = TypeVar("T")


class Now(NamedTuple):
    """An object as it is: its revision, and whether it is deleted."""

    revision: int
    deleted: bool


def change_of_many(change: Mapping[str, Any]) -> Edit:
    """What is to be done to each object of a selection, as an edit that lacks object and ids.

    Raises:
        Problem: it is no edit, or one that only makes sense for one object.
    """
    try:
        edit = _EDIT.validate_python({**change, **_FILLED_IN})
    except ValidationError as error:
        found = error.errors(include_url=False)
        errors = [FieldError(".".join(map(str, ("change", *one["loc"]))), message_of(one["msg"])) for one in found]
        raise Problem(422, "Invalid request", errors[0].message, errors) from error
    if isinstance(edit, _OF_ONE):
        raise invalid("change.verb", f"An object can be {_PARTICIPLES[type(edit)]} only by itself.")
    return edit


_PARTICIPLES = {Create: "created", Split: "split", Merge: "merged", Restore: "restored", Revert: "reverted"}


def on_each(change: Edit, objects: Mapping[str, int], operation: str) -> list[Edit]:
    """The change made to each of some objects, which are at these revisions."""
    return [
        change.model_copy(
            update={"id": same_id(operation, one), "operation": operation, "object": one, "base_revision": revision}
        )
        for one, revision in objects.items()
    ]


def bringing_back(then: Mapping[str, Now], now: Mapping[str, Now], operation: str) -> list[Edit]:
    """The edits that make objects what they were: those that were not there yet are deleted, the others go back to
    the revision they had."""
    edits: list[Edit] = []
    for one, current in now.items():
        about = {"id": same_id(operation, one), "operation": operation, "object": one}
        before = then.get(one)
        if before is None and not current.deleted:
            edits.append(Delete(**about, base_revision=current.revision))
        elif before is not None and before.revision < current.revision and not (before.deleted and current.deleted):
            edits.append(Restore(**about, base_revision=current.revision, revision=before.revision))
    return edits


def taking_back(changes: Iterable[tuple[str, int]], now: Mapping[str, Now], operation: str) -> list[Edit]:
    """The edits that take back changes (object, revision), in this order."""
    return [
        Revert(
            id=same_id(operation, one, revision),
            operation=operation,
            object=one,
            base_revision=now[one].revision,
            revision=revision,
        )
        for one, revision in changes
        if one in now
    ]


def chunks(items: Sequence[T], size: int = EDITS_AT_ONCE) -> Iterator[Sequence[T]]:
    """Items in runs of at most `size`."""
    for begin in range(0, len(items), size):
        yield items[begin : begin + size]


class Tally:
    """Counts what becomes of an act's edits."""

    def __init__(self, operation: str, applied: int = 0) -> None:
        self._operation = operation
        self._applied = applied
        self._failed = 0
        self._failures: list[EditResult] = []

    def count(self, edits: Sequence[Edit], results: Sequence[EditResult]) -> bool:
        """Add some edits; whether none failed. One that failed is told with the id of its object, which is what people
        know."""
        failed_before = self._failed
        for edit, result in zip(edits, results, strict=True):
            if result.status in ("applied", "duplicate"):
                self._applied += 1
                continue
            self._failed += 1
            if len(self._failures) < _FAILURES_TOLD:
                said = {"status": result.status, "revision": result.revision, "reason": result.reason}
                self._failures.append(EditResult.model_validate({"id": edit.object, **said}))
        return self._failed == failed_before

    def result(self) -> OperationResult:
        """What became of all of them."""
        return OperationResult(
            operation=self._operation, applied=self._applied, failed=self._failed, failures=self._failures
        )
