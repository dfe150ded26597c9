"""Decides the edits of a batch in order."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

from annotation.domain.derived_edits import (
    deletion,
    derived_id,
    derived_ids,
    is_label,
    label_id,
    labeling,
    labels_medium,
)
from annotation.domain.edit import NO_RELATED_OBJECTS, RelatedObjects, apply, create
from annotation.domain.edit_context import EditContext
from annotation.domain.errors import EditConflict, EditRefused, UnknownName
from annotation.domain.rebase import MAX_REVISIONS_BEHIND, WHOLE_OBJECT, ChangedFields, describe_field, touches
from annotation.domain.revert import fields_changed
from annotation.domain.sizes import MAX_OBJECT_BYTES
from annotation.domain.snapshots import AppliedEdit, BatchSnapshot, Change, ObjectSnapshot, successor
from annotation.domain.verbs.split_merge import second_part
from common.contract import edits
from common.contract.errors import Reason
from common.contract.labels import ObjectState

Status = Literal["applied", "duplicate", "conflict", "refused"]
Fields = frozenset[str]
ALL: Fields = frozenset({WHOLE_OBJECT})
# Edits that set different fields depending on the object.
_STATE_DEPENDENT = (edits.SetCategory, edits.SetAttributes, edits.SetPresence)
_HISTORIC = (edits.Restore, edits.Revert)


class BatchProcessor:
    """Decides edits and updates the snapshot after each. `own` are the ids of the batch's edits and of those derived
    from them."""

    def __init__(self, snapshot: BatchSnapshot, context: EditContext, own: frozenset[str]) -> None:
        self.unknown_name = False
        self._snapshot = snapshot
        self._context = context
        self._own = own
        # Only changes made before the batch can conflict: the editor saw those of the batch.
        self._revisions_at_start = {
            object_id: current.state.revision for object_id, current in snapshot.objects.items()
        }
        self._since: dict[tuple[str, int], ChangedFields] = {}

    def decide(self, edit: edits.Edit) -> tuple[edits.EditResult, list[Change]]:
        """The result of an edit and its changes, the one of the edited object first."""
        snapshot, context = self._snapshot, self._context
        current = snapshot.objects.get(edit.object)
        try:
            if edit.id in snapshot.applied:
                return self._repeated(edit, snapshot.applied[edit.id]), []
            if context.ontology is not None:
                edit = context.ontology.normalized(edit, current.state if current else None)
            changes = self._changes(edit, current)
        except EditRefused as refusal:
            self.unknown_name |= isinstance(refusal, UnknownName)
            return _result(edit, "refused", None, (), refusal.reason), []
        except EditConflict as conflict:
            state = current.state if current else None
            others = [conflict.state] if conflict.state is not None and conflict.state is not state else []
            return _result(edit, "conflict", state, others, conflict.reason), []
        states = [change.after.state for change in changes]
        for change, state in zip(changes, states, strict=True):
            snapshot.objects[state.id] = change.after
            snapshot.states[state.id, state.revision] = state
            snapshot.applied[change.edit.id] = AppliedEdit(change.edit.verb, state)
        return _result(edit, "applied", states[0], states[1:]), changes

    def _repeated(self, edit: edits.Edit, applied: AppliedEdit) -> edits.EditResult:
        """The result of an edit that was applied before."""
        if (applied.verb, applied.object.id) != (edit.verb, edit.object):
            raise EditRefused("edit_id_reused")
        context = self._context
        ids = derived_ids(edit, context.media_id, context.rules, context.ontology)
        derived = (self._snapshot.applied.get(edit_id) for edit_id in ids)
        return _result(edit, "duplicate", applied.object, [other.object for other in derived if other is not None])

    def _changes(self, edit: edits.Edit, current: ObjectSnapshot | None) -> list[Change]:
        """The changes of an edit, the one of the edited object first."""
        if isinstance(edit, edits.Create):
            return self._created(edit, current)
        if current is None:
            raise EditRefused("object_not_in_medium")
        self._check_untouched(current)
        if isinstance(edit, edits.Merge):
            return self._merged(edit, current)
        if isinstance(edit, edits.Split):
            return self._split(edit, current)
        return [self._changed(edit, current)]

    def _created(self, edit: edits.Create, current: ObjectSnapshot | None) -> list[Change]:
        context = self._context
        self._check_free(edit.object)
        if is_label(edit) and edit.object != (expected := label_id(context.media_id, edit.mission, edit.category)):
            raise EditRefused("label_id_is_fixed", object_id=expected)
        if current is None:
            changes = [self._change(edit, None, create(edit, context), ALL)]
        else:
            self._check_untouched(current)
            changes = [self._change(edit, current, apply(edit, current.state, self._context_of(current)), ALL)]
        if labels_medium(edit, context.rules):
            changes += self._labeled(labeling(edit, context.media_id))
        return changes

    def _labeled(self, edit: edits.Create) -> list[Change]:
        """The file label for a new object; none if it already exists, its id belongs to another medium, or a person
        removed it and the object comes from a run."""
        current = self._snapshot.objects.get(edit.object)
        if edit.object in self._snapshot.foreign_ids:
            return []
        if current is None:
            return [self._change(edit, None, create(edit, self._context), ALL)]
        can_be_restored = current.state.deleted and current.state.annotation_type == "label"
        if not can_be_restored or (self._context.automatic and current.by_person):
            return []
        return [self._change(edit, current, apply(edit, current.state, self._context_of(current)), ALL)]

    def _merged(self, edit: edits.Merge, current: ObjectSnapshot) -> list[Change]:
        self._check_base(edit, current.state, ALL)
        ids = [other.object for other in edit.others]
        if len({edit.object, *ids}) <= len(ids):
            raise EditRefused("merge_with_itself")
        others = [self._snapshot.objects.get(one) for one in ids]
        found = [one for one in others if one is not None and not one.state.deleted]
        if len(found) < len(ids):
            raise EditRefused("merge_object_not_found")
        for other, named in zip(found, edit.others, strict=True):
            self._check_untouched(other)
            self._check_base(named, other.state, ALL)
        related = RelatedObjects(others=[other.state for other in found])
        changes = [self._change(edit, current, apply(edit, current.state, self._context, related), ALL)]
        for other in found:
            gone = deletion(edit, other.state.id, other.state.revision)
            changes.append(self._change(gone, other, apply(gone, other.state, self._context), ALL))
        return changes

    def _split(self, edit: edits.Split, current: ObjectSnapshot) -> list[Change]:
        self._check_base(edit, current.state, ALL)
        self._check_free(edit.into)
        if edit.into in self._snapshot.objects or edit.into == edit.object:
            raise EditRefused("object_id_taken")
        first = apply(edit, current.state, self._context)
        second = second_part(edit, current.state, self._context, derived_id(edit, edit.into))
        return [
            self._change(edit, current, first, ALL),
            self._change(second, None, create(second, self._context.without_bounds, require_simple=False), ALL),
        ]

    def _changed(self, edit: edits.Edit, current: ObjectSnapshot) -> Change:
        """The change of an edit that concerns only its own object."""
        state = current.state
        related, mine = self._related(edit)
        self._check_base(edit, state, mine)
        after = apply(edit, state, self._context_of(current), related)
        if isinstance(edit, _STATE_DEPENDENT):
            changed = fields_changed(state, after)
            self._check_base(edit, state, changed)
            mine |= changed
        return self._change(edit, current, after, mine)

    def _context_of(self, current: ObjectSnapshot) -> EditContext:
        """The context at a time not before the last change of the object, because clocks of replicas differ."""
        context = self._context
        return context if context.now >= current.at else replace(context, now=current.at)

    def _related(self, edit: edits.Edit) -> tuple[RelatedObjects, Fields]:
        """The earlier states that an edit refers to, and the fields that it sets."""
        if not isinstance(edit, _HISTORIC):
            return NO_RELATED_OBJECTS, touches(edit)
        numbers = (edit.revision - 1, edit.revision)
        stored = {number: self._snapshot.states.get((edit.object, number)) for number in numbers}
        states = {number: state for number, state in stored.items() if state is not None}
        if isinstance(edit, edits.Revert) and len(states) == len(numbers):
            return RelatedObjects(states), fields_changed(states[numbers[0]], states[numbers[1]])
        return RelatedObjects(states), ALL

    def _check_untouched(self, current: ObjectSnapshot) -> None:
        if self._context.automatic and current.by_person:
            raise EditRefused("edited_by_person")

    def _check_free(self, object_id: str) -> None:
        if object_id in self._snapshot.foreign_ids:
            raise EditRefused("object_id_taken")

    def _check_base(self, seen: edits.ObjectRevision, state: ObjectState, mine: Fields) -> None:
        """Raise a conflict if a field of the edit was changed since its base revision."""
        at_start = self._revisions_at_start.get(seen.object, 0)
        if seen.base_revision > state.revision:
            raise EditConflict("revision_ahead", state, revision=state.revision)
        if seen.base_revision >= at_start:
            return
        if at_start - seen.base_revision > MAX_REVISIONS_BEHIND:
            raise EditConflict("too_many_changes", state)
        if (field := self._since_base(seen.object, seen.base_revision, at_start).collision(mine)) is not None:
            code, params = describe_field(field)
            raise EditConflict(code, state, **params)

    def _since_base(self, object_id: str, base: int, at_start: int) -> ChangedFields:
        since = self._since.get((object_id, base))
        if since is None:
            changes = (self._snapshot.changes.get((object_id, number)) for number in range(base + 1, at_start + 1))
            foreign = [change.touches for change in changes if change is not None and change.edit_id not in self._own]
            since = self._since[object_id, base] = ChangedFields(foreign)
        return since

    def _change(self, edit: edits.Edit, before: ObjectSnapshot | None, after: ObjectState, mine: Fields) -> Change:
        context = self._context
        current = successor(edit, before, after, by_person=not context.automatic, now=context.now)
        if current.size_bytes > MAX_OBJECT_BYTES:
            raise EditRefused("labeled_object_too_large")
        return Change(edit, before, current, mine)


def _result(
    edit: edits.Edit,
    status: Status,
    state: ObjectState | None,
    others: Sequence[ObjectState] = (),
    reason: Reason | None = None,
) -> edits.EditResult:
    return edits.EditResult.model_construct(
        id=edit.id,
        status=status,
        revision=state.revision if state else None,
        object=state,
        others=list(others),
        reason=reason,
    )
