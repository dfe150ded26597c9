"""A batch of edits of one medium's objects: the data needed to decide it, and the decision."""

from collections.abc import Sequence
from dataclasses import dataclass

from annotation.domain.batch_processor import BatchProcessor
from annotation.domain.derived_edits import AFFECTS_OTHERS, derived_ids, further_objects
from annotation.domain.edit_context import KEEP, EditContext, Medium
from annotation.domain.ontology import Ontology
from annotation.domain.snapshots import AppliedEdit, BatchSnapshot, Change, Decision, ObjectSnapshot, PriorChange
from common.contract.edits import Create, Edit, EditResult, Merge, Restore, Revert, Rules
from common.contract.errors import reason_for

__all__ = [
    "AppliedEdit",
    "Batch",
    "BatchSnapshot",
    "Change",
    "Decision",
    "Medium",
    "ObjectSnapshot",
    "PriorChange",
    "bases",
    "decide",
    "edit_ids",
    "involved",
    "referenced_states",
]


@dataclass(frozen=True, slots=True)
class Batch:
    """Edits by one editor of one medium's objects, applied together; all or none if `atomic`.

    `frame_count` is the length of the medium known to the sender. `automatic` edits come from a run.
    Without an `ontology`, names are not checked.
    """

    project_id: str
    media_id: str
    edits: Sequence[Edit]
    author: str
    session: str | None = None
    frame_count: int | None = None
    atomic: bool = False
    automatic: bool = False
    rules: Rules = KEEP
    ontology: Ontology | None = None

    def context(self, medium: Medium, now: float) -> EditContext:
        """The context in which the edits are decided."""
        return EditContext(
            self.project_id, self.media_id, medium, self.author, self.automatic, self.rules, self.ontology, now
        )


def involved(batch: Batch) -> set[str]:
    """The ids of all objects that the batch may read or change, including new ones."""
    objects = {edit.object for edit in batch.edits}
    for edit in _affecting_others(batch):
        objects.update(further_objects(edit, batch.media_id, batch.rules, batch.ontology))
    return objects


def edit_ids(batch: Batch) -> set[str]:
    """The ids of the edits, and of the edits of other objects that may be derived from them."""
    ids = {edit.id for edit in batch.edits}
    for edit in _affecting_others(batch):
        ids.update(derived_ids(edit, batch.media_id, batch.rules, batch.ontology))
    return ids


def _affecting_others(batch: Batch) -> list[Edit]:
    """The edits that may affect other objects; most do not."""
    return [edit for edit in batch.edits if isinstance(edit, AFFECTS_OTHERS)]


def bases(batch: Batch) -> dict[str, int]:
    """The oldest base revision of each object: changes newer than that decide about conflicts. New objects have
    none."""
    oldest: dict[str, int] = {}
    for edit in batch.edits:
        if isinstance(edit, Create):
            continue
        for target in (edit, *edit.others) if isinstance(edit, Merge) else (edit,):
            oldest[target.object] = min(target.base_revision, oldest.get(target.object, target.base_revision))
    return oldest


def referenced_states(batch: Batch) -> set[tuple[str, int]]:
    """The earlier states, by object and revision, that the edits restore or compare with."""
    states: set[tuple[str, int]] = set()
    for edit in batch.edits:
        # A tuple is three times as fast as a union.
        if isinstance(edit, (Restore, Revert)):
            states.add((edit.object, edit.revision))
        if isinstance(edit, Revert) and edit.revision > 1:
            states.add((edit.object, edit.revision - 1))
    return states


def decide(batch: Batch, snapshot: BatchSnapshot, medium: Medium, now: float) -> Decision:
    """Decide the edits in order. `snapshot` is updated after each.

    The base revision of an edit is compared only with changes made before the batch: its author made the edits of the
    batch in order and saw the earlier ones.
    """
    processor = BatchProcessor(snapshot, batch.context(medium, now), frozenset(edit_ids(batch)))
    results: list[EditResult] = []
    changes: list[Change] = []
    for edit in batch.edits:
        result, made = processor.decide(edit)
        results.append(result)
        changes += made
    if batch.atomic and any(result.status in ("conflict", "refused") for result in results):
        return Decision([_withdrawn(result) for result in results], [], processor.unknown_name)
    return Decision(results, changes, processor.unknown_name)


def _withdrawn(result: EditResult) -> EditResult:
    if result.status != "applied":
        return result
    return EditResult(id=result.id, status="refused", reason=reason_for("atomic_batch_failed"))
