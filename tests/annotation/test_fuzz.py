"""Three editors at random, on what they last saw, with answers that get lost: no applied edit is lost, and the state
is what replaying the history gives."""

import os
import random
from dataclasses import dataclass, field
from itertools import pairwise

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from annotation.domain.batch import Batch, Change, Decision, Earlier, Known, decide
from annotation.domain.edit import Scene, apply, create
from annotation.domain.rebase import WHOLE, touches
from annotation.domain.tracks import visible_spans
from common.labels import (
    Box,
    Create,
    Delete,
    Edit,
    Keyframe,
    ObjectState,
    PutKeyframe,
    RemoveKeyframe,
    Restore,
    SetAttributes,
    SetCategory,
    SetDone,
)

FRAMES = 12
OBJECTS = ("o1", "o2", "o3")
EDITORS = ("ada", "ben", "cy")
SEQUENCES = int(os.environ.get("TRACKLANE_FUZZ", "2000"))


@dataclass
class Ledger:
    """A store in memory: what was committed, and nothing else."""

    known: Known = field(default_factory=Known)
    history: dict[str, list[Change]] = field(default_factory=dict)

    def commit(self, batch: Batch, now: float, *, crash: bool = False) -> Decision:
        """Decide on a copy and keep it; a crash before the commit keeps nothing."""
        known = Known(
            dict(self.known.objects), frozenset(), dict(self.known.answered), dict(self.known.changes),
            dict(self.known.states),
        )  # fmt: skip
        decision = decide(batch, known, FRAMES, now)
        if decision.changes and not crash:
            for change in decision.changes:
                key = (change.edit.object, change.after.state.revision)
                known.changes[key] = Earlier(change.edit.id, touches(change.edit))
                self.history.setdefault(change.edit.object, []).append(change)
            self.known = known
        return decision


@dataclass
class Editor:
    """A person with a screen: what they last saw of each object, and batches without an answer."""

    name: str
    seen: dict[str, int] = field(default_factory=dict)
    unanswered: list[Batch] = field(default_factory=list)


class World:
    """Editors and their ledger; every step checks what the ledger says of the edits of that step."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.ledger = Ledger()
        self.editors = [Editor(name) for name in EDITORS]
        self.edits = 0
        self.now = 0.0

    def step(self) -> None:
        editor = self.rng.choice(self.editors)
        self.now += self.rng.uniform(-1, 2)  # clocks of replicas differ
        if editor.unanswered and self.rng.random() < 0.4:
            self.send(editor, editor.unanswered.pop(0))
        elif self.rng.random() < 0.2:
            editor.seen.update({one: current.state.revision for one, current in self.ledger.known.objects.items()})
        else:
            edits = [self.edit(editor) for _ in range(self.rng.choice((1, 1, 2, 4)))]
            self.send(editor, Batch("p", "m", edits, editor.name, atomic=self.rng.random() < 0.2))

    def send(self, editor: Editor, batch: Batch) -> None:
        fate = self.rng.random()
        before = {one: current.state.revision for one, current in self.ledger.known.objects.items()}
        decision = self.ledger.commit(batch, self.now, crash=fate < 0.1)
        if fate < 0.1:
            editor.unanswered.append(batch)
            return
        check_no_overwriting(self.ledger, decision, batch, before)
        if fate < 0.3:
            editor.unanswered.append(batch)  # applied, but the answer never arrived
            return
        for edit, result in zip(batch.edits, decision.results, strict=True):
            if result.object is not None:
                editor.seen[edit.object] = max(editor.seen.get(edit.object, 0), result.object.revision)

    def edit(self, editor: Editor) -> Edit:
        rng = self.rng
        self.edits += 1
        one = rng.choice(OBJECTS)
        if one not in editor.seen and one in self.ledger.known.objects:
            editor.seen[one] = self.ledger.known.objects[one].state.revision
        base = editor.seen.get(one, 0)
        about = {"id": f"e{self.edits}", "object": one, "base_revision": base}
        if base == 0 or rng.random() < 0.03:
            frames = rng.sample(range(FRAMES), rng.randint(1, 3))
            keyframes = [self.keyframe(frame) for frame in frames]
            return Create(**about | {"base_revision": 0}, mission="M", category="Car", keyframes=keyframes)
        values = {name: rng.choice((None, True, 2.5, "x", "y", 7.0, float("nan"))) for name in rng.sample("abc", 2)}
        frame = min(rng.randrange(2 * FRAMES), FRAMES) % (FRAMES + (rng.random() < 0.1))
        choices: list[Edit] = [
            *[PutKeyframe(**about, keyframe=self.keyframe(frame))] * 8,
            RemoveKeyframe(**about, frame=rng.randrange(FRAMES)),
            SetCategory(**about, category=rng.choice(("Car", "Bus"))),
            SetAttributes(**about, attributes=values),
            SetDone(**about, done=rng.random() < 0.5),
            Delete(**about),
            Restore(**about, revision=rng.randint(1, base + 1)),
        ]
        return rng.choice(choices)

    def keyframe(self, frame: int) -> Keyframe:
        x, width = self.rng.uniform(-5, 50), self.rng.choice((0.5, *[20] * 15))
        box = Box(x1=x, y1=0, x2=x + width, y2=9, rotation=self.rng.choice((0, 90)))
        return Keyframe(frame=frame, geometry=box, outside=self.rng.random() < 0.25)


def check_no_overwriting(ledger: Ledger, decision: Decision, batch: Batch, before: dict[str, int]) -> None:
    """An applied edit touched nothing that others changed after its base revision."""
    own = {edit.id for edit in batch.edits}
    for change in decision.changes:
        mine = touches(change.edit)
        for revision in range(change.edit.base_revision + 1, before.get(change.edit.object, 0) + 1):
            theirs = ledger.history[change.edit.object][revision - 1].edit
            if theirs.id not in own:
                both = touches(theirs) | mine
                assert not (touches(theirs) & mine)
                assert WHOLE not in both


def check_history(ledger: Ledger) -> None:
    """Every answered edit is in the history once, at the revision it was told, and replaying gives the state."""
    for one, changes in ledger.history.items():
        assert [change.after.state.revision for change in changes] == list(range(1, len(changes) + 1))
        assert len({change.edit.id for change in changes}) == len(changes)
        assert all(left.after.at <= right.after.at for left, right in pairwise(changes))
        current = ledger.known.objects[one]
        assert replay(changes) == current.state == changes[-1].after.state
        assert current.spans == visible_spans(current.state.keyframes)
        check_invariants(current.state)
    applied = {change.edit.id: change.after.state for changes in ledger.history.values() for change in changes}
    assert {name: answered.object for name, answered in ledger.known.answered.items()} == applied


def replay(changes: list[Change]) -> ObjectState:
    states: list[ObjectState] = []
    for change in changes:
        scene = Scene("p", "m", FRAMES, changes[0].after.state.author)
        if isinstance(change.edit, Create):
            states.append(create(change.edit, scene))
        else:
            earlier = states[change.edit.revision - 1] if isinstance(change.edit, Restore) else None
            states.append(apply(change.edit, states[-1], scene, earlier))
    return states[-1]


def check_invariants(state: ObjectState) -> None:
    assert all(left.frame < right.frame for left, right in pairwise(state.keyframes))
    assert state.keyframes[0].frame >= 0
    assert state.keyframes[-1].frame < FRAMES
    assert any(not keyframe.outside for keyframe in state.keyframes)
    assert all(box.x2 - box.x1 >= 0.99 for box in (keyframe.geometry for keyframe in state.keyframes))
    assert ObjectState.model_validate_json(state.model_dump_json()) == state


@pytest.mark.parametrize("part", range(4))
def test_random_sequences_lose_nothing(part: int) -> None:
    for seed in range(part, SEQUENCES, 4):
        world = World(random.Random(seed))
        try:
            for _ in range(world.rng.randint(5, 30)):
                world.step()
            check_history(world.ledger)
        except AssertionError as error:
            raise AssertionError(f"sequence {seed}") from error


class Editing(RuleBasedStateMachine):
    """The same world driven by Hypothesis, which shrinks what it finds."""

    def __init__(self) -> None:
        super().__init__()
        self.world = World(random.Random(0))

    @rule(seed=st.integers(0, 10_000))
    def somebody_does_something(self, seed: int) -> None:
        self.world.rng = random.Random(seed)
        self.world.step()

    @invariant()
    def history_is_the_truth(self) -> None:
        check_history(self.world.ledger)


TestEditing = Editing.TestCase
TestEditing.settings = settings(max_examples=60, stateful_step_count=20, deadline=None)
