"""The edits of one batch, decided one after the other."""

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
from annotation.domain.edit import NOTHING, Beside, apply, create
from annotation.domain.edit_context import Scene
from annotation.domain.errors import Clash, Refusal, UnknownName
from annotation.domain.rebase import FARTHEST_BEHIND, WHOLE, Since, touches
from annotation.domain.revert import fields_changed
from annotation.domain.sizes import LARGEST_BYTES
from annotation.domain.snapshots import Answered, Change, Current, Known, successor
from annotation.domain.verbs.split_merge import second_part
from common.contract.edits import (
    Create,
    Edit,
    EditResult,
    Merge,
    ObjectRevision,
    Restore,
    Revert,
    SetAttributes,
    SetCategory,
    SetPresence,
    Split,
)
from common.contract.errors import Reason
from common.contract.labels import ObjectState

Status = Literal["applied", "duplicate", "conflict", "refused"]
Fields = frozenset[str]
ALL: Fields = frozenset({WHOLE})
# What these set depends on the object that they meet.
_DEPENDING = (SetCategory, SetAttributes, SetPresence)
_GOING_BACK = (Restore, Revert)


class _Conflict(Exception):
    """The edit and a change made since its base revision cannot both stay. `about` is the object they disagree on."""

    def __init__(self, reason: str, about: ObjectState) -> None:
        super().__init__(reason)
        self.about = about


class Sitting:
    """Decides edits; what it knows is brought up to date on the way. `own` are the ids of the edits it decides, and
    of those that come of them."""

    def __init__(self, known: Known, scene: Scene, own: frozenset[str]) -> None:
        self.unknown_name = False
        self._known = known
        self._scene = scene
        self._own = own
        # Changes that were there before: those made here were seen by their editor.
        self._begun = {object_id: current.state.revision for object_id, current in known.objects.items()}
        self._since: dict[tuple[str, int], Since] = {}

    def decide(self, edit: Edit) -> tuple[EditResult, list[Change]]:
        """What becomes of an edit, and the changes it makes, that of its own object first."""
        known, scene = self._known, self._scene
        current = known.objects.get(edit.object)
        try:
            if edit.id in known.answered:
                return self._again(edit, known.answered[edit.id]), []
            if scene.ontology is not None:
                edit = scene.ontology.settled(edit, current.state if current else None)
            changes = self._changes(edit, current)
        except Refusal as refusal:
            self.unknown_name |= isinstance(refusal, UnknownName)
            return _result(edit, "refused", None, (), str(refusal)), []
        except _Conflict as conflict:
            state = current.state if current else None
            others = [conflict.about] if conflict.about is not state else []
            return _result(edit, "conflict", state, others, str(conflict)), []
        states = [change.after.state for change in changes]
        for change, state in zip(changes, states, strict=True):
            known.objects[state.id] = change.after
            known.states[state.id, state.revision] = state
            known.answered[change.edit.id] = Answered(change.edit.verb, state)
        return _result(edit, "applied", states[0], states[1:]), changes

    def _again(self, edit: Edit, answered: Answered) -> EditResult:
        """The answer that an edit got before."""
        if (answered.verb, answered.object.id) != (edit.verb, edit.object):
            raise Refusal("The id of this edit was used for another edit.")
        scene = self._scene
        ids = derived_ids(edit, scene.media_id, scene.rules, scene.ontology)
        derived = (self._known.answered.get(one) for one in ids)
        return _result(edit, "duplicate", answered.object, [one.object for one in derived if one is not None])

    def _changes(self, edit: Edit, current: Current | None) -> list[Change]:
        """The changes that an edit makes, that of its own object first."""
        if isinstance(edit, Create):
            return self._created(edit, current)
        if current is None:
            raise Refusal("There is no such object on this medium.")
        self._check_hand(current)
        if isinstance(edit, Merge):
            return self._merged(edit, current)
        if isinstance(edit, Split):
            return self._split(edit, current)
        return [self._changed(edit, current)]

    def _created(self, edit: Create, current: Current | None) -> list[Change]:
        scene = self._scene
        self._check_free(edit.object)
        if is_label(edit) and edit.object != (own := label_id(scene.media_id, edit.mission, edit.category)):
            raise Refusal(f"A label of the whole medium is there once: its id is {own}.")
        if current is None:
            changes = [self._change(edit, None, create(edit, scene), ALL)]
        else:
            self._check_hand(current)
            changes = [self._change(edit, current, apply(edit, current.state, self._scene_of(current)), ALL)]
        if labels_medium(edit, scene.rules):
            changes += self._labeled(labeling(edit, scene.media_id))
        return changes

    def _labeled(self, edit: Create) -> list[Change]:
        """The label of the medium that comes with an object; none where it is there, or cannot be, or where a person
        took it away from what a run finds."""
        current = self._known.objects.get(edit.object)
        if edit.object in self._known.taken:
            return []
        if current is None:
            return [self._change(edit, None, create(edit, self._scene), ALL)]
        may_return = current.state.deleted and current.state.annotation_type == "label"
        if not may_return or (self._scene.automatic and current.by_person):
            return []
        return [self._change(edit, current, apply(edit, current.state, self._scene_of(current)), ALL)]

    def _merged(self, edit: Merge, current: Current) -> list[Change]:
        self._check_base(edit, current.state, ALL)
        ids = [other.object for other in edit.others]
        if len({edit.object, *ids}) <= len(ids):
            raise Refusal("An object is joined with others than itself, with each of them once.")
        others = [self._known.objects.get(one) for one in ids]
        found = [one for one in others if one is not None and not one.state.deleted]
        if len(found) < len(ids):
            raise Refusal("One of the objects to join is not on this medium.")
        for other, named in zip(found, edit.others, strict=True):
            self._check_hand(other)
            self._check_base(named, other.state, ALL)
        beside = Beside(others=[other.state for other in found])
        changes = [self._change(edit, current, apply(edit, current.state, self._scene, beside), ALL)]
        for other in found:
            gone = deletion(edit, other.state.id, other.state.revision)
            changes.append(self._change(gone, other, apply(gone, other.state, self._scene), ALL))
        return changes

    def _split(self, edit: Split, current: Current) -> list[Change]:
        self._check_base(edit, current.state, ALL)
        self._check_free(edit.into)
        if edit.into in self._known.objects or edit.into == edit.object:
            raise Refusal("The id of the new object is taken; choose another.")
        first = apply(edit, current.state, self._scene)
        second = second_part(edit, current.state, self._scene, derived_id(edit, edit.into))
        return [
            self._change(edit, current, first, ALL),
            self._change(second, None, create(second, self._scene.lenient, drawn=False), ALL),
        ]

    def _changed(self, edit: Edit, current: Current) -> Change:
        """The change that an edit of one object makes."""
        state = current.state
        beside, mine = self._beside(edit)
        self._check_base(edit, state, mine)
        try:
            after = apply(edit, state, self._scene_of(current), beside)
        except Clash as clash:
            raise _Conflict(f"It cannot be taken back, because {clash} was changed since.", state) from clash
        if isinstance(edit, _DEPENDING):
            met = fields_changed(state, after)
            self._check_base(edit, state, met)
            mine |= met
        return self._change(edit, current, after, mine)

    def _scene_of(self, current: Current) -> Scene:
        """The scene at a moment that is not before the object's last change: clocks of replicas differ."""
        scene = self._scene
        return scene if scene.now >= current.at else replace(scene, now=current.at)

    def _beside(self, edit: Edit) -> tuple[Beside, Fields]:
        """The earlier states that an edit looks at, and the fields that it sets."""
        if not isinstance(edit, _GOING_BACK):
            return NOTHING, touches(edit)
        numbers = (edit.revision - 1, edit.revision)
        found = {number: self._known.states.get((edit.object, number)) for number in numbers}
        states = {number: state for number, state in found.items() if state is not None}
        if isinstance(edit, Revert) and len(states) == len(numbers):
            return Beside(states), fields_changed(states[numbers[0]], states[numbers[1]])
        return Beside(states), ALL

    def _check_hand(self, current: Current) -> None:
        if self._scene.automatic and current.by_person:
            raise Refusal("A person changed this object; a run leaves it alone.")

    def _check_free(self, object_id: str) -> None:
        if object_id in self._known.taken:
            raise Refusal("The id of this object is taken; choose another.")

    def _check_base(self, seen: ObjectRevision, state: ObjectState, mine: Fields) -> None:
        """Refuse, as a conflict, an edit of fields that were changed since its editor saw the object."""
        begun = self._begun.get(seen.object, 0)
        if seen.base_revision > state.revision:
            reason = f"The object is at revision {state.revision}, before the one that this edit was made on."
            raise _Conflict(reason, state)
        if seen.base_revision >= begun:
            return
        if begun - seen.base_revision > FARTHEST_BEHIND:
            raise _Conflict("The object was changed very often since this edit was made.", state)
        if what := self._since_base(seen.object, seen.base_revision, begun).collision(mine):
            raise _Conflict(f"Someone else changed {what} meanwhile.", state)

    def _since_base(self, object_id: str, base: int, begun: int) -> Since:
        since = self._since.get((object_id, base))
        if since is None:
            found = (self._known.changes.get((object_id, number)) for number in range(base + 1, begun + 1))
            others = [one.touches for one in found if one is not None and one.edit_id not in self._own]
            since = self._since[object_id, base] = Since(others)
        return since

    def _change(self, edit: Edit, before: Current | None, after: ObjectState, mine: Fields) -> Change:
        scene = self._scene
        current = successor(edit, before, after, by_person=not scene.automatic, now=scene.now)
        if current.size_bytes > LARGEST_BYTES:
            raise Refusal("The object would be too large to be exported; make it simpler, or split it.")
        return Change(edit, before, current, mine)


def _result(
    edit: Edit, status: Status, state: ObjectState | None, others: Sequence[ObjectState] = (), reason: str | None = None
) -> EditResult:
    return EditResult.model_construct(
        id=edit.id,
        status=status,
        revision=state.revision if state else None,
        object=state,
        others=list(others),
        reason=None if reason is None else Reason(code="invalid_value", message=reason),
    )
