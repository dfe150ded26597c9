"""A batch of edits of one medium's objects: what becomes of each, decided from what is known of the objects."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from annotation.domain.edit import Refusal, Scene, apply, create
from annotation.domain.rebase import FARTHEST_BEHIND, collision
from annotation.domain.tracks import Span, reach, visible_spans
from common.labels import Create, Edit, EditResult, ObjectState, Restore

Status = Literal["applied", "duplicate", "conflict", "refused"]


@dataclass(frozen=True, slots=True)
class Current:
    """An object as it is now, where it is visible, whether a person ever changed it, and when it last changed."""

    state: ObjectState
    spans: tuple[Span, ...]
    by_person: bool
    at: float


@dataclass(frozen=True, slots=True)
class Earlier:
    """A change that was applied before this batch: by which edit, and the fields that it set."""

    edit_id: str
    touches: frozenset[str]


@dataclass(frozen=True, slots=True)
class Answered:
    """An edit that was applied before, with the answer it got."""

    verb: str
    object: ObjectState


@dataclass(slots=True)
class Known:
    """What the store knows of the objects that a batch names.

    `taken`: ids that belong to other media. `answered`: by edit id. `changes`: by object and revision, of all that is
    newer than a base revision in the batch. `states`: by object and revision, of what the batch restores.
    """

    objects: dict[str, Current] = field(default_factory=dict)
    taken: frozenset[str] = frozenset()
    answered: dict[str, Answered] = field(default_factory=dict)
    changes: dict[tuple[str, int], Earlier] = field(default_factory=dict)
    states: dict[tuple[str, int], ObjectState] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Change:
    """An edit that is applied: the object before (None for a new one) and after it."""

    edit: Edit
    before: Current | None
    after: Current

    @property
    def touched(self) -> Span | None:
        """The frames whose clips may count differently now, because the object appears or disappears on them or a
        person had a hand in it for the first time; None where nothing of that changed."""
        before = _seen(self.before)
        after = _seen(self.after)
        if before == after:
            return None
        reaches = [reach(one.state.keyframes) for one in (self.before, self.after) if one is not None]
        return Span(min(span.first for span in reaches), max(span.last for span in reaches))


def _seen(current: Current | None) -> tuple[tuple[Span, ...], bool]:
    if current is None or current.state.deleted:
        return (), False
    return current.spans, current.by_person


@dataclass(frozen=True, slots=True)
class Decision:
    """What becomes of each edit, in order, and the changes to store."""

    results: list[EditResult]
    changes: list[Change]


@dataclass(frozen=True, slots=True)
class Batch:
    """Edits that one editor made of one medium's objects, to be applied together; with `atomic` all or none.

    `frame_count` is what the asker knows of the medium's length. `automatic` edits are a run's.
    """

    project_id: str
    media_id: str
    edits: Sequence[Edit]
    author: str
    session: str | None = None
    frame_count: int | None = None
    atomic: bool = False
    automatic: bool = False

    def scene(self, frame_count: int) -> Scene:
        """Where these edits take place."""
        return Scene(self.project_id, self.media_id, frame_count, self.author, self.automatic)


class _Conflict(Exception):
    pass


def decide(batch: Batch, known: Known, frame_count: int, now: float) -> Decision:
    """Apply the edits one after the other. `known` is brought up to date on the way.

    An edit's base revision is compared with changes made before the batch only: the edits of one batch were made in
    order by one editor, who saw the earlier ones.
    """
    scene = batch.scene(frame_count)
    own = frozenset(edit.id for edit in batch.edits)
    results: list[EditResult] = []
    changes: list[Change] = []
    for edit in batch.edits:
        result, change = _decide_one(edit, known, scene, now, own)
        results.append(result)
        if change is not None:
            changes.append(change)
            known.objects[edit.object] = change.after
            known.states[edit.object, change.after.state.revision] = change.after.state
            known.answered[edit.id] = Answered(edit.verb, change.after.state)
    if batch.atomic and any(result.status in ("conflict", "refused") for result in results):
        return Decision([_withdrawn(result) for result in results], [])
    return Decision(results, changes)


def _decide_one(
    edit: Edit, known: Known, scene: Scene, now: float, own: frozenset[str]
) -> tuple[EditResult, Change | None]:
    current = known.objects.get(edit.object)
    try:
        if edit.id in known.answered:
            return _again(edit, known.answered[edit.id]), None
        after = _after(edit, current, known, scene, own)
    except Refusal as refusal:
        return EditResult(id=edit.id, status="refused", reason=str(refusal)), None
    except _Conflict as conflict:
        state = current.state if current else None
        return _result(edit, "conflict", state, str(conflict)), None
    change = Change(edit, current, _made_current(after, current, scene, now))
    return _result(edit, "applied", after), change


def _after(edit: Edit, current: Current | None, known: Known, scene: Scene, own: frozenset[str]) -> ObjectState:
    if isinstance(edit, Create) and (edit.object in known.taken or current is not None):
        raise Refusal("The id of this object is taken; choose another.")
    if isinstance(edit, Create):
        return create(edit, scene)
    if current is None:
        raise Refusal("There is no such object on this medium.")
    if scene.automatic and current.by_person:
        raise Refusal("A person changed this object; a run leaves it alone.")
    _check_base(edit, current.state, known, own)
    earlier = known.states.get((edit.object, edit.revision)) if isinstance(edit, Restore) else None
    return apply(edit, current.state, scene, earlier)


def _check_base(edit: Edit, state: ObjectState, known: Known, own: frozenset[str]) -> None:
    if edit.base_revision > state.revision:
        raise _Conflict(f"The object is at revision {state.revision}, before the one that this edit was made on.")
    if state.revision - edit.base_revision > FARTHEST_BEHIND:
        raise _Conflict("The object was changed very often since this edit was made.")
    since: list[frozenset[str]] = []
    for revision in range(edit.base_revision + 1, state.revision + 1):
        change = known.changes.get((edit.object, revision))
        if change is not None and change.edit_id not in own:
            since.append(change.touches)
    if since and (what := collision(edit, since)):
        raise _Conflict(f"Someone else changed {what} meanwhile.")


def _made_current(after: ObjectState, before: Current | None, scene: Scene, now: float) -> Current:
    by_person = not scene.automatic or (before is not None and before.by_person)
    # Clocks of replicas differ; the changes of one object never go back in time.
    if before is not None and before.state.keyframes is after.keyframes:
        spans = before.spans
    else:
        spans = visible_spans(after.keyframes)
    return Current(after, spans, by_person, max(now, before.at) if before else now)


def _again(edit: Edit, answered: Answered) -> EditResult:
    if (answered.verb, answered.object.id) != (edit.verb, edit.object):
        raise Refusal("The id of this edit was used for another edit.")
    return _result(edit, "duplicate", answered.object)


def _result(edit: Edit, status: Status, state: ObjectState | None, reason: str | None = None) -> EditResult:
    revision = state.revision if state else None
    return EditResult(id=edit.id, status=status, revision=revision, object=state, reason=reason)


def _withdrawn(result: EditResult) -> EditResult:
    if result.status != "applied":
        return result
    return EditResult(id=result.id, status="refused", reason="Not applied, because another edit of the batch failed.")
