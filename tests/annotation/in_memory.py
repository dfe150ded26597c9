"""Editing in memory: what was committed, and nothing else. A batch sees only what a repository would load for it."""

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
    wanted,
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
        self.taken: frozenset[str] = frozenset()
        self.objects: dict[str, ObjectSnapshot] = {}
        self.history: dict[str, list[Change]] = {}
        self._by_edit: dict[str, Change] = {}

    def snapshot(self, batch: Batch) -> BatchSnapshot:
        """The stored data that decides about a batch."""
        ids = involved(batch)
        named = {one: self.objects[one] for one in ids if one in self.objects}
        applied = {name: self._by_edit[name] for name in edit_ids(batch) if name in self._by_edit}
        return BatchSnapshot(
            objects=named,
            taken=self.taken & ids,
            applied={name: AppliedEdit(one.edit.verb, one.after.state) for name, one in applied.items()},
            changes={
                (one, change.after.state.revision): PriorChange(change.edit.id, change.touches)
                for one, base in bases(batch).items()
                for change in self.history.get(one, [])[base:]
            },
            states={
                (one, revision): self.history[one][revision - 1].after.state
                for one, revision in wanted(batch)
                if 0 < revision <= len(self.history.get(one, []))
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
        """Edits of one author; of a run if it says so."""
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
