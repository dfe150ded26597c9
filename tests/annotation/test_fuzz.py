"""Three concurrent editors use every verb on stale objects and lose answers: no applied edit is lost, the state equals
the replayed history and the published events, and every stored object can be displayed."""

import random
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from annotation.domain.batch import Batch, Change, Decision, Medium
from annotation.domain.derived_edits import derived_id
from annotation.domain.edit import RelatedObjects, apply, create
from annotation.domain.edit_context import EditContext
from annotation.domain.invariants import checked
from annotation.domain.tracks import visible_spans
from common.contract.edits import Create, Delete, Edit, Merge, Revert, Rules, Split
from common.contract.labels import ObjectState
from common.geometry.bounds import bounds
from common.geometry.shapes import interpolate_shapes, shape_at
from tests.annotation.fuzzing import FRAMES, NAMES, OBJECTS, EditSource
from tests.annotation.in_memory import InMemoryEditor
from tests.conftest import SOAK

EDITORS = ("ada", "ben", "cy")
SEQUENCES = 10_000 if SOAK else 200
MEDIUM = Medium(FRAMES, 60, 40)


@dataclass
class Editor:
    """An editor: the known revision of each object, batches without an answer, and completed operations."""

    name: str
    seen: dict[str, int] = field(default_factory=dict)
    unanswered: list[Batch] = field(default_factory=list)
    operations: list[list[tuple[str, int]]] = field(default_factory=list)


class World:
    """Editors of one medium; every step checks the results of its edits."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.source = EditSource(rng)
        rules = Rules(outside=rng.choice((*["keep", "clamp"] * 4, "refuse")), sync_labels=rng.random() < 0.3)
        self.editor = InMemoryEditor(MEDIUM, rules, NAMES)
        self.editors = [Editor(name) for name in EDITORS]
        self.edits = 0

    def step(self) -> None:
        """One editor edits, repeats an unanswered batch, reloads, or undoes."""
        editor = self.rng.choice(self.editors)
        self.editor.now += self.rng.uniform(-1, 2)  # clocks of replicas differ
        if editor.unanswered and self.rng.random() < 0.4:
            self.send(editor, editor.unanswered.pop(0))
        elif self.rng.random() < 0.2:
            editor.seen.update(
                {object_id: current.state.revision for object_id, current in self.editor.objects.items()}
            )
        elif editor.operations and self.rng.random() < 0.1:
            self.send(editor, self.editor.batch(self.undo(editor), editor.name))
        else:
            edits = [self.edit(editor) for _ in range(self.rng.choice((1, 1, 2, 4)))]
            is_run = editor.name == "cy" and self.rng.random() < 0.2
            self.send(editor, self.editor.batch(edits, editor.name, atomic=self.rng.random() < 0.1, run=is_run))

    def edit(self, editor: Editor) -> Edit:
        self.edits += 1
        object_id = self.rng.choice((*OBJECTS, *self.editor.objects))
        if object_id not in editor.seen and object_id in self.editor.objects:
            editor.seen[object_id] = self.editor.state(object_id).revision
        about: dict[str, Any] = {
            "id": f"e{self.edits}",
            "object": object_id,
            "base_revision": editor.seen.get(object_id, 0),
        }
        if self.rng.random() < 0.2:
            about["operation"] = f"operation{self.edits // 4}"
        if object_id not in editor.seen or self.rng.random() < 0.03:
            return self.source.creation(about)
        kind = self.editor.state(object_id).annotation_type if object_id in self.editor.objects else "bbox"
        return self.source.edit(about, kind, editor.seen)

    def undo(self, editor: Editor) -> list[Edit]:
        """Revert all changes of one operation, the latest first."""
        self.edits += 1
        operation = editor.operations.pop()
        return [
            Revert(id=f"u{self.edits}-{n}", operation=f"u{self.edits}", object=object_id, revision=revision,
                   base_revision=self.editor.state(object_id).revision)
            for n, (object_id, revision) in enumerate(reversed(operation))
        ]  # fmt: skip

    def send(self, editor: Editor, batch: Batch) -> None:
        fate = self.rng.random()
        before = {object_id: current.state.revision for object_id, current in self.editor.objects.items()}
        decision = self.editor.commit(batch, crash=fate < 0.1)
        if fate < 0.1:
            editor.unanswered.append(batch)
            return
        check_no_overwriting(self.editor, decision, batch, before)
        for change in decision.changes:
            check_state(change.after.state, self.rng.randrange(FRAMES))
        if fate < 0.3:
            editor.unanswered.append(batch)  # applied, but the answer never arrived
            return
        self.receive(editor, decision)

    def receive(self, editor: Editor, decision: Decision) -> None:
        for result in decision.results:
            for state in (result.object, *result.others):
                if state is not None:
                    editor.seen[state.id] = max(editor.seen.get(state.id, 0), state.revision)
        operations: dict[str, list[tuple[str, int]]] = {}
        for change in decision.changes:
            state = change.after.state
            operations.setdefault(change.edit.operation or change.edit.id, []).append((state.id, state.revision))
        editor.operations += operations.values()


def parts_of(state: ObjectState | None) -> dict[Any, Any]:
    """All parts of an object that could be lost."""
    if state is None:
        return {}
    pieces: dict[Any, Any] = {name: getattr(state, name) for name in ("done", "group", "z_order", "preferred_at")}
    pieces |= {"what": (state.mission, state.category, state.type), "kind": state.annotation_type}
    pieces |= {("attribute", name): repr(value) for name, value in state.attributes.items()}
    pieces |= {("behavior", one.id): one for one in state.behaviors}
    for one in state.keyframes:
        pieces[one.frame] = one.model_copy(update={"attributes": {}})
        pieces |= {(one.frame, name): repr(value) for name, value in one.attributes.items()}
    return pieces


def changed(change: Change) -> set[Any]:
    """The parts that a change set."""
    before, after = parts_of(change.before.state if change.before else None), parts_of(change.after.state)
    return {piece for piece in before.keys() | after.keys() if before.get(piece) != after.get(piece)}


def check_no_overwriting(editor: InMemoryEditor, decision: Decision, batch: Batch, before: dict[str, int]) -> None:
    """No applied edit overwrites parts that others set after its base revision."""
    own = {edit.id for edit in batch.edits}
    for change in decision.changes:
        object_id = change.after.state.id
        if change.edit.id not in own or isinstance(change.edit, Create):
            continue
        for other in editor.history[object_id][change.edit.base_revision : before.get(object_id, 0)]:
            if other.edit.id not in own and not _is_derived_from(other.edit, batch):
                assert not changed(other) & changed(change)
                assert not isinstance(other.edit, Delete)


def _is_derived_from(edit: Edit, batch: Batch) -> bool:
    return any(edit.id == derived_id(original, edit.object) for original in batch.edits)


def check_state(state: ObjectState, frame: int) -> None:
    """The state round-trips through JSON, can be displayed, and is visible on some frame."""
    assert ObjectState.model_validate_json(state.model_dump_json()) == state
    assert all(left.frame < right.frame for left, right in pairwise(state.keyframes))
    assert 0 <= state.keyframes[0].frame <= state.keyframes[-1].frame < FRAMES
    assert any(not keyframe.outside for keyframe in state.keyframes)
    assert all(0 <= one.first <= one.last < FRAMES for one in state.behaviors)
    context = EditContext("p", "m", MEDIUM, "ada")
    for keyframe in state.keyframes:
        assert checked(keyframe, state.annotation_type, context) is keyframe
        assert (bounds(keyframe.geometry) is None) == (state.annotation_type == "label")
    shape = shape_at(state.keyframes, frame)
    assert (shape is not None) == any(span.first <= frame <= span.last for span in visible_spans(state.keyframes))
    assert shape is None or shape.geometry.kind == state.annotation_type


def check_history(editor: InMemoryEditor, rng: random.Random) -> None:
    """Every answered edit is in the history once, and the replayed history and the published events give the state."""
    published: list[tuple[float, ObjectState]] = []
    for object_id, changes in editor.history.items():
        assert len({change.edit.id for change in changes}) == len(changes)
        assert all(left.after.at <= right.after.at for left, right in pairwise(changes))
        state = editor.state(object_id)
        assert replayed(editor, object_id) == state == changes[-1].after.state
        assert editor.objects[object_id].spans == visible_spans(state.keyframes)
        assert editor.objects[object_id].size_bytes >= len(state.model_dump_json())
        assert len(list(interpolate_shapes(state.keyframes, 0, FRAMES))) > 0
        # Events are in order per object, in any order across objects, and delivered at least once.
        moments = sorted(rng.random() for _ in changes)
        published += zip(moments, (change.after.state for change in changes), strict=True)
    published += [(at + rng.random(), state) for at, state in published]
    assert received(published) == {object_id: current.state for object_id, current in editor.objects.items()}


def received(published: list[tuple[float, ObjectState]]) -> dict[str, ObjectState]:
    """The states of a subscriber that keeps the newest revision of each object."""
    known: dict[str, ObjectState] = {}
    for _, state in sorted(published, key=lambda event: event[0]):
        if state.id not in known or known[state.id].revision < state.revision:
            known[state.id] = ObjectState.model_validate_json(state.model_dump_json())
    return known


def replayed(editor: InMemoryEditor, object_id: str) -> ObjectState:
    """An object replayed from the edits of its history."""
    states: dict[int, ObjectState] = {}
    for change in editor.history[object_id]:
        edit, before = change.edit, states.get(len(states))
        author, after = change.after.state.author, change.after
        context = EditContext("p", "m", MEDIUM, author, not after.by_person, editor.rules, NAMES, after.at)
        if before is None:
            assert isinstance(edit, Create)
            is_derived = editor.history.get(object_id) and _was_split(editor, edit)
            state = create(edit, context.without_bounds if is_derived else context, require_simple=not is_derived)
        else:
            state = apply(edit, before, context, RelatedObjects(states, _others(editor, edit)))
        states[state.revision] = state
    return states[len(states)]


def _was_split(editor: InMemoryEditor, edit: Create) -> bool:
    changes = (change for changes in editor.history.values() for change in changes)
    splits = (change.edit for change in changes if isinstance(change.edit, Split))
    return any(edit.id == derived_id(cut, edit.object) for cut in splits)


def _others(editor: InMemoryEditor, edit: Edit) -> list[ObjectState]:
    """The merged objects before the merge."""
    if not isinstance(edit, Merge):
        return []
    deletions = {derived_id(edit, other.object): other.object for other in edit.others}
    found = {
        edit_id: change
        for object_id in deletions.values()
        for change in editor.history[object_id]
        if (edit_id := change.edit.id) in deletions
    }
    return [change.before.state for edit_id in deletions if (change := found[edit_id]).before is not None]


@pytest.mark.parametrize("part", range(4))
def test_random_sequences_lose_no_edit(part: int) -> None:
    for seed in range(part, SEQUENCES, 4):
        world = World(random.Random(seed))
        try:
            for _ in range(world.rng.randint(5, 30)):
                world.step()
            check_history(world.editor, world.rng)
        except Exception as error:
            raise AssertionError(f"sequence {seed}") from error


class Editing(RuleBasedStateMachine):
    """The same world driven by Hypothesis, which shrinks failures."""

    def __init__(self) -> None:
        super().__init__()
        self.world = World(random.Random(0))

    @rule(seed=st.integers(0, 10_000))
    def somebody_does_something(self, seed: int) -> None:
        self.world.rng.seed(seed)
        self.world.step()

    @invariant()
    def history_is_the_truth(self) -> None:
        check_history(self.world.editor, random.Random(0))


TestEditing = Editing.TestCase
TestEditing.settings = settings(stateful_step_count=15)
