"""Editing in memory. A batch only gets the data that a repository would load for it."""

from collections.abc import Sequence

from annotation.domain.batch import (
    AppliedEdit,
    Batch,
    BatchSnapshot,
    Change,
    Decision,
    Medium,
    ObjectSnapshot,
    PriorChange,
    bases,
    decide,
    edit_ids,
    involved,
    referenced_states,
)
from annotation.domain.ontology import Ontology
from common.contract.edits import Edit, EditResult, Rules
from common.contract.labels import ObjectState


class InMemoryEditor:
    """Edits the objects of one medium and keeps their changes."""

    def __init__(self, medium: Medium, rules: Rules | None = None, ontology: Ontology | None = None) -> None:
        self.medium = medium
        self.rules = rules or Rules()
        self.ontology = ontology
        self.now = 100.0
        self.foreign_ids: frozenset[str] = frozenset()
        self.objects: dict[str, ObjectSnapshot] = {}
        self.history: dict[str, list[Change]] = {}
        self._by_edit: dict[str, Change] = {}

    def snapshot(self, batch: Batch) -> BatchSnapshot:
        """The stored data to decide a batch."""
        ids = involved(batch)
        named = {object_id: self.objects[object_id] for object_id in ids if object_id in self.objects}
        applied = {edit_id: self._by_edit[edit_id] for edit_id in edit_ids(batch) if edit_id in self._by_edit}
        return BatchSnapshot(
            objects=named,
            foreign_ids=self.foreign_ids & ids,
            applied={edit_id: AppliedEdit(change.edit.verb, change.after.state) for edit_id, change in applied.items()},
            changes={
                (object_id, change.after.state.revision): PriorChange(change.edit.id, change.touches)
                for object_id, base in bases(batch).items()
                for change in self.history.get(object_id, [])[base:]
            },
            states={
                (object_id, revision): self.history[object_id][revision - 1].after.state
                for object_id, revision in referenced_states(batch)
                if 0 < revision <= len(self.history.get(object_id, []))
            },
        )

    def commit(self, batch: Batch, *, crash: bool = False) -> Decision:
        """Decide a batch and store its changes; a crash before the commit stores nothing."""
        decision = decide(batch, self.snapshot(batch), self.medium, self.now)
        for change in () if crash else decision.changes:
            state = change.after.state
            assert state.revision == len(self.history.get(state.id, [])) + 1
            assert change.edit.id not in self._by_edit
            self._by_edit[change.edit.id] = change
            self.history.setdefault(state.id, []).append(change)
            self.objects[state.id] = change.after
        return decision

    def batch(self, edits: Sequence[Edit], author: str = "ada", *, atomic: bool = False, run: bool = False) -> Batch:
        """A batch of edits by an author, or by a run."""
        return Batch(
            "p", "m", edits, author, atomic=atomic, automatic=run, rules=self.rules, ontology=self.ontology
        )  # fmt: skip

    def apply(self, *edits: Edit, atomic: bool = False, automatic: bool = False) -> Decision:
        """Commit edits as one batch."""
        return self.commit(self.batch(edits, atomic=atomic, run=automatic))

    def results(self, *edits: Edit, atomic: bool = False, automatic: bool = False) -> list[EditResult]:
        """The results of edits in one batch."""
        return self.apply(*edits, atomic=atomic, automatic=automatic).results

    def status(self, *edits: Edit, atomic: bool = False, automatic: bool = False) -> list[str]:
        """The statuses of edits in one batch."""
        return [result.status for result in self.results(*edits, atomic=atomic, automatic=automatic)]

    def state(self, object_id: str = "o1") -> ObjectState:
        """The current state of an object."""
        return self.objects[object_id].state
