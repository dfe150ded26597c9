"""Three editors at once on what they last saw, by every verb, with answers that get lost: no applied edit is lost, the
state is what replaying the history gives and what events tell, and whatever is stored can be shown."""

import os
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
from tests.annotation.fuzzing import FRAMES, NAMES, OBJECTS, Hand
from tests.annotation.in_memory import InMemoryEditor

EDITORS = ("ada", "ben", "cy")
# All of 10,000: TRACKLANE_FUZZ=10000.
SEQUENCES = int(os.environ.get("TRACKLANE_FUZZ", "1000"))
MEDIUM = Medium(FRAMES, 60, 40)


@dataclass
class Editor:
    """A person with a screen: what they last saw of each object, batches without an answer, and what they did."""

    name: str
    seen: dict[str, int] = field(default_factory=dict)
    unanswered: list[Batch] = field(default_factory=list)
    acts: list[list[tuple[str, int]]] = field(default_factory=list)


class World:
    """Editors of one medium; every step checks the results of its edits."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.source = Hand(rng)
        rules = Rules(outside=rng.choice((*["keep", "clamp"] * 4, "refuse")), sync_labels=rng.random() < 0.3)
        self.editor = InMemoryEditor(MEDIUM, rules, NAMES)
        self.editors = [Editor(name) for name in EDITORS]
        self.edits = 0

    def step(self) -> None:
        """Somebody does something, or asks again for what got no answer, or looks at what is there."""
        editor = self.rng.choice(self.editors)
        self.editor.now += self.rng.uniform(-1, 2)  # clocks of replicas differ
        if editor.unanswered and self.rng.random() < 0.4:
            self.send(editor, editor.unanswered.pop(0))
        elif self.rng.random() < 0.2:
            editor.seen.update({one: current.state.revision for one, current in self.editor.objects.items()})
        elif editor.acts and self.rng.random() < 0.1:
            self.send(editor, self.editor.batch(self.undo(editor), editor.name))
        else:
            edits = [self.edit(editor) for _ in range(self.rng.choice((1, 1, 2, 4)))]
            is_run = editor.name == "cy" and self.rng.random() < 0.2
            self.send(editor, self.editor.batch(edits, editor.name, atomic=self.rng.random() < 0.1, run=is_run))

    def edit(self, editor: Editor) -> Edit:
        self.edits += 1
        one = self.rng.choice((*OBJECTS, *self.editor.objects))
        if one not in editor.seen and one in self.editor.objects:
            editor.seen[one] = self.editor.state(one).revision
        about: dict[str, Any] = {"id": f"e{self.edits}", "object": one, "base_revision": editor.seen.get(one, 0)}
        if self.rng.random() < 0.2:
            about["operation"] = f"act{self.edits // 4}"
        if one not in editor.seen or self.rng.random() < 0.03:
            return self.source.creation(about)
        kind = self.editor.state(one).annotation_type if one in self.editor.objects else "bbox"
        return self.source.edit(about, kind, editor.seen)

    def undo(self, editor: Editor) -> list[Edit]:
        """Take back all that one act changed, the latest first."""
        self.edits += 1
        act = editor.acts.pop()
        return [
            Revert(id=f"u{self.edits}-{n}", operation=f"u{self.edits}", object=one, revision=revision,
                   base_revision=self.editor.state(one).revision)
            for n, (one, revision) in enumerate(reversed(act))
        ]  # fmt: skip

    def send(self, editor: Editor, batch: Batch) -> None:
        fate = self.rng.random()
        before = {one: current.state.revision for one, current in self.editor.objects.items()}
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
        self.hear(editor, decision)

    def hear(self, editor: Editor, decision: Decision) -> None:
        for result in decision.results:
            for state in (result.object, *result.others):
                if state is not None:
                    editor.seen[state.id] = max(editor.seen.get(state.id, 0), state.revision)
        acts: dict[str, list[tuple[str, int]]] = {}
        for change in decision.changes:
            state = change.after.state
            acts.setdefault(change.edit.operation or change.edit.id, []).append((state.id, state.revision))
        editor.acts += acts.values()


def parts_of(state: ObjectState | None) -> dict[Any, Any]:
    """Everything that can be lost of an object, piece by piece."""
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
    """The pieces that a change set."""
    before, after = parts_of(change.before.state if change.before else None), parts_of(change.after.state)
    return {piece for piece in before.keys() | after.keys() if before.get(piece) != after.get(piece)}


def check_no_overwriting(editor: InMemoryEditor, decision: Decision, batch: Batch, before: dict[str, int]) -> None:
    """An applied edit set nothing that others set after its base revision."""
    own = {edit.id for edit in batch.edits}
    for change in decision.changes:
        one = change.after.state.id
        if change.edit.id not in own or isinstance(change.edit, Create):
            continue
        for theirs in editor.history[one][change.edit.base_revision : before.get(one, 0)]:
            if theirs.edit.id not in own and not _comes_of(theirs.edit, batch):
                assert not changed(theirs) & changed(change)
                assert not isinstance(theirs.edit, Delete)


def _comes_of(edit: Edit, batch: Batch) -> bool:
    return any(edit.id == derived_id(one, edit.object) for one in batch.edits)


def check_state(state: ObjectState, frame: int) -> None:
    """It goes through JSON, can be shown, and is visible somewhere unless it is deleted."""
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
    """Every answered edit is in the history once, and replaying it, or hearing of it, gives the state."""
    published: list[tuple[float, ObjectState]] = []
    for one, changes in editor.history.items():
        assert len({change.edit.id for change in changes}) == len(changes)
        assert all(left.after.at <= right.after.at for left, right in pairwise(changes))
        state = editor.state(one)
        assert replayed(editor, one) == state == changes[-1].after.state
        assert editor.objects[one].spans == visible_spans(state.keyframes)
        assert editor.objects[one].size_bytes >= len(state.model_dump_json())
        assert len(list(interpolate_shapes(state.keyframes, 0, FRAMES))) > 0
        # In order for each object, in any order of objects, each event once or more.
        moments = sorted(rng.random() for _ in changes)
        published += zip(moments, (change.after.state for change in changes), strict=True)
    published += [(at + rng.random(), state) for at, state in published]
    assert heard(published) == {one: current.state for one, current in editor.objects.items()}


def heard(published: list[tuple[float, ObjectState]]) -> dict[str, ObjectState]:
    """What a subscriber has who keeps the newest state of each object."""
    known: dict[str, ObjectState] = {}
    for _, state in sorted(published, key=lambda event: event[0]):
        if state.id not in known or known[state.id].revision < state.revision:
            known[state.id] = ObjectState.model_validate_json(state.model_dump_json())
    return known


def replayed(editor: InMemoryEditor, one: str) -> ObjectState:
    """An object made again by the edits of its history."""
    states: dict[int, ObjectState] = {}
    for change in editor.history[one]:
        edit, before = change.edit, states.get(len(states))
        author, after = change.after.state.author, change.after
        context = EditContext("p", "m", MEDIUM, author, not after.by_person, editor.rules, NAMES, after.at)
        if before is None:
            assert isinstance(edit, Create)
            came_of = editor.history.get(one) and _was_split(editor, edit)
            state = create(edit, context.without_bounds if came_of else context, require_simple=not came_of)
        else:
            state = apply(edit, before, context, RelatedObjects(states, _others(editor, edit)))
        states[state.revision] = state
    return states[len(states)]


def _was_split(editor: InMemoryEditor, edit: Create) -> bool:
    changes = (change for changes in editor.history.values() for change in changes)
    splits = (change.edit for change in changes if isinstance(change.edit, Split))
    return any(edit.id == derived_id(cut, edit.object) for cut in splits)


def _others(editor: InMemoryEditor, edit: Edit) -> list[ObjectState]:
    """The objects that a merge took in, as they were."""
    if not isinstance(edit, Merge):
        return []
    taken = {derived_id(edit, other.object): other.object for other in edit.others}
    found = {
        name: change for one in taken.values() for change in editor.history[one] if (name := change.edit.id) in taken
    }
    return [change.before.state for name in taken if (change := found[name]).before is not None]


@pytest.mark.parametrize("part", range(4))
def test_random_sequences_lose_nothing(part: int) -> None:
    for seed in range(part, SEQUENCES, 4):
        world = World(random.Random(seed))
        try:
            for _ in range(world.rng.randint(5, 30)):
                world.step()
            check_history(world.editor, world.rng)
        except Exception as error:
            raise AssertionError(f"sequence {seed}") from error


class Editing(RuleBasedStateMachine):
    """The same world driven by Hypothesis, which shrinks what it finds."""

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
TestEditing.settings = settings(max_examples=30, stateful_step_count=15, deadline=None)
