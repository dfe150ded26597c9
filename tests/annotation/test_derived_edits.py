"""Edits of several objects: each object gets its own change, all of them or none."""

from typing import Any

import pytest

from annotation.domain.batch import Batch, Decision, Medium, edit_ids, involved
from annotation.domain.derived_edits import label_id
from annotation.domain.ontology import Ontology
from annotation.domain.tracks import FOREVER, Span, visible_spans
from common.contract.edits import Create, Delete, Edit, Rules
from common.contract.missions import Category, Mission
from common.geometry.shapes import attributes_at, geometry_at
from common.geometry.types import ImageTag
from common.service.ids import stable_id
from tests.annotation.builders import FRAMES, box, creating, edit, frames, key, shape
from tests.annotation.in_memory import InMemoryEditor

NAMES = Ontology([Mission(id="m1", name="Traffic", categories=[Category(id="car", name="Car", color="#112233")])])
LABEL = label_id("m", "m1", "Car")
SYNCED = Rules(sync_labels=True)


def another(name: str, *keyframes: Any, **more: Any) -> Create:
    return creating(*keyframes, id=f"made-{name}", object=name, **more)


def behaving(name: str, first: int, last: int) -> dict[str, Any]:
    return {"id": name, "name": "Turn", "first": first, "last": last}


def merging(*others: str, base: int = 1, **more: Any) -> Edit:
    return edit("merge", base, others=[{"object": one, "base_revision": 1} for one in others], **more)


@pytest.fixture
def editor() -> InMemoryEditor:
    editor = InMemoryEditor(Medium(FRAMES))
    editor.apply(
        creating(
            key(10, attributes={"Speed": 1.0}), key(30, box(20)), attributes={"Colour": "red"}, group="g",
            behaviors=[behaving("b1", 5, 12), behaving("b2", 15, 25), behaving("b3", 25, 30)],
        )
    )  # fmt: skip
    return editor


def test_a_split_object_becomes_two_with_the_same_shapes(editor: InMemoryEditor) -> None:
    before = editor.state()

    result = editor.results(edit("split", frame=20, into="o2"))[0]

    first, second = editor.state(), editor.state("o2")
    assert (result.status, result.object, result.others) == ("applied", first, [second])
    assert (frames(first), frames(second)) == ([10, -20], [20, 30])
    for frame in range(FRAMES):
        part = first if frame < 20 else second
        other = second if frame < 20 else first
        assert geometry_at(part.keyframes, frame) == geometry_at(before.keyframes, frame)
        assert geometry_at(other.keyframes, frame) is None
    assert attributes_at(second.keyframes, 20) == {"Speed": 1.0}
    assert (second.category, second.attributes, second.group) == ("Car", {"Colour": "red"}, "g")
    assert [(one.id, one.first, one.last) for one in first.behaviors] == [("b1", 5, 12), ("b2", 15, 19)]
    assert [(one.id, one.first, one.last) for one in second.behaviors] == [("b2", 20, 25), ("b3", 25, 30)]


def test_a_split_in_a_gap_keeps_the_gap() -> None:
    editor = InMemoryEditor(Medium(FRAMES))
    editor.apply(creating(key(0), key(10, outside=True), key(30)))

    editor.apply(edit("split", frame=20, into="o2"))

    assert (frames(editor.state()), frames(editor.state("o2"))) == ([0, -10], [30])


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (edit("split", frame=10, into="o2"), "split_leaves_empty_part"),
        (edit("split", frame=5, into="o2"), "split_leaves_empty_part"),
        (edit("split", frame=FRAMES, into="o2"), "frame_outside_medium"),
        (edit("split", frame=20, into="o1"), "object_id_taken"),
        (edit("split", frame=20, into="other"), "object_id_taken"),
        (edit("split", 0, object_id="missing", frame=20, into="o2"), "object_not_in_medium"),
    ],
)
def test_invalid_splits_are_refused(editor: InMemoryEditor, change: Edit, reason: str) -> None:
    editor.foreign_ids = frozenset({"other"})

    result = editor.results(change)[0]

    assert (result.status, result.reason and result.reason.code) == ("refused", reason)
    assert set(editor.objects) == {"o1"}


def test_a_repeated_split_returns_the_same_result(editor: InMemoryEditor) -> None:
    cut = edit("split", frame=20, into="o2")
    first = editor.results(cut)[0]
    editor.apply(edit("delete", 1, "o2", "later"))

    again = editor.apply(cut)

    assert again.changes == []
    assert (again.results[0].status, again.results[0].object) == ("duplicate", first.object)
    assert again.results[0].others == first.others


def test_a_label_cannot_be_split() -> None:
    editor = InMemoryEditor(Medium(FRAMES))
    editor.apply(creating(key(0, ImageTag()), object=LABEL))

    assert editor.status(edit("split", 1, LABEL, frame=20, into="o2")) == ["refused"]


def test_merged_objects_become_one(editor: InMemoryEditor) -> None:
    editor.apply(another("o2", key(30, box(99)), key(50, box(55)), behaviors=[behaving("b1", 40, 50)]))
    editor.apply(another("o3", key(50, box(1)), key(60, box(66)), category="Bus"))

    decision = editor.apply(merging("o2", "o3"))

    state = editor.state()
    assert (frames(state), state.category) == ([10, 30, 50, 60], "Car")
    assert [one.geometry for one in state.keyframes] == [box(), box(20), box(55), box(66)]
    assert [one.id for one in state.behaviors] == ["b1", "b2", "b3", stable_id("behavior", "o2", "b1")]
    assert [one.deleted for one in decision.results[0].others] == [True, True]
    assert [type(change.edit) for change in decision.changes[1:]] == [Delete, Delete]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (merging("o1"), "merge_with_itself"),
        (merging("o2", "o2"), "merge_with_itself"),
        (merging("missing"), "merge_object_not_found"),
        (merging("gone"), "merge_object_not_found"),
        (merging("other"), "merge_object_not_found"),
        (merging("o2", "line"), "merge_types_differ"),
    ],
)
def test_invalid_merges_are_refused(editor: InMemoryEditor, change: Edit, reason: str) -> None:
    editor.apply(another("o2"), another("line", key(0, shape("line"))), another("gone"))
    editor.apply(edit("delete", 1, "gone", "away"))
    editor.foreign_ids = frozenset({"other"})

    result = editor.results(change)[0]

    assert (result.status, result.reason and result.reason.code) == ("refused", reason)
    assert (editor.state().revision, editor.state("o2").deleted) == (1, False)


def test_an_object_changed_in_the_meantime_is_not_merged(editor: InMemoryEditor) -> None:
    editor.apply(another("o2"))
    editor.apply(edit("set_done", 1, "o2", "other", done=True))

    result = editor.results(merging("o2"))[0]

    assert (result.status, result.object) == ("conflict", editor.state())
    assert result.others == [editor.state("o2")]


def test_reverting_a_merge_restores_each_object(editor: InMemoryEditor) -> None:
    editor.apply(another("o2", key(50)))
    before = editor.state()
    changes = editor.apply(merging("o2", name="joined")).changes

    editor.apply(*(edit("revert", 2, one.after.state.id, f"u{n}", revision=2) for n, one in enumerate(changes)))

    assert {change.edit.operation or change.edit.id for change in changes} == {"joined"}
    assert editor.state() == before.model_copy(update={"revision": 3})
    assert not editor.state("o2").deleted


def test_derived_changes_share_the_operation(editor: InMemoryEditor) -> None:
    cut = editor.apply(edit("split", frame=20, into="o2", operation="act")).changes

    assert [change.edit.operation for change in cut] == ["act", "act"]
    assert [change.edit.id for change in cut] == ["e2", stable_id("split", "e2", "o2")]


def synced(ontology: Ontology | None = None) -> InMemoryEditor:
    return InMemoryEditor(Medium(FRAMES), SYNCED, ontology)


def test_a_new_object_labels_the_medium_once() -> None:
    editor = synced()

    first = editor.results(creating())[0]
    second = editor.results(another("o2"))[0]

    assert [one.id for one in first.others] == [LABEL]
    assert (second.status, second.others) == ("applied", [])
    assert (editor.state(LABEL).annotation_type, editor.state(LABEL).category) == ("label", "Car")


def test_two_objects_of_one_batch_create_one_label() -> None:
    assert [len(result.others) for result in synced().results(creating(), another("o2"))] == [1, 0]


def test_a_removed_label_is_restored_by_the_next_object() -> None:
    editor = synced()
    editor.apply(creating())
    editor.apply(edit("delete", 1, LABEL))

    back = editor.results(another("o2"))[0]

    assert [(one.id, one.revision, one.deleted) for one in back.others] == [(LABEL, 3, False)]


def test_a_run_does_not_restore_labels_removed_by_a_person() -> None:
    editor = synced()
    editor.apply(creating(), automatic=True)
    editor.apply(edit("delete", 1, LABEL))

    assert editor.results(another("o2"), automatic=True)[0].others == []


def test_the_label_of_an_object_uses_the_ids_of_names() -> None:
    editor = synced(NAMES)

    made = editor.results(creating(mission="Traffic", category="Car"))[0]

    assert [one.id for one in made.others] == [label_id("m", "m1", "car")]


def test_impossible_labels_are_omitted() -> None:
    editor = synced()
    editor.foreign_ids = frozenset({LABEL})

    assert (editor.results(creating())[0].status, editor.results(another("o2"))[0].others) == ("applied", [])


def test_an_object_with_the_id_of_a_label_only_prevents_the_label() -> None:
    editor = synced()
    editor.rules = Rules()
    editor.apply(creating(object=LABEL, id="odd"))
    editor.rules = SYNCED

    assert editor.results(creating())[0].others == []
    editor.apply(edit("delete", 1, LABEL))
    assert [result.status for result in editor.results(another("o2"))] == ["applied"]


def test_repeating_a_creation_with_a_label_returns_the_same_result() -> None:
    editor = synced()
    first = editor.results(creating())[0]

    again = editor.results(creating())[0]

    assert (again.status, again.object, again.others) == ("duplicate", first.object, first.others)


def test_a_label_exists_once_per_medium() -> None:
    editor = InMemoryEditor(Medium(FRAMES))

    wrong = editor.results(creating(key(0, ImageTag())))[0]
    first = editor.status(creating(key(0, ImageTag()), object=LABEL))
    twice = editor.status(creating(key(0, ImageTag()), object=LABEL, id="e9"))
    editor.apply(edit("delete", 1, LABEL))
    again = editor.results(creating(key(5, ImageTag()), object=LABEL, id="e10"))[0]

    assert (wrong.status, LABEL in str(wrong.reason)) == ("refused", True)
    assert (first, twice) == (["applied"], ["refused"])
    assert (again.status, again.revision, frames(editor.state(LABEL))) == ("applied", 3, [5])
    assert editor.status(creating(key(0), object=LABEL, id="e11")) == ["refused"]


def test_only_a_deleted_label_can_be_created_again() -> None:
    editor = synced()
    editor.apply(creating())
    editor.apply(edit("delete", 1))
    editor.apply(edit("delete", 1, LABEL, "e3"))

    assert editor.status(creating(id="e9"), creating(object=LABEL, id="e10")) == ["refused", "refused"]


def test_all_objects_that_an_edit_may_affect_are_loaded() -> None:
    edits = [creating(), merging("o2", "o3"), edit("split", frame=1, into="o4"), edit("set_done", done=True)]

    batch = Batch("p", "m", edits, "ada", rules=SYNCED)
    unknown = Batch("p", "m", [creating(category="Kar")], "ada", rules=SYNCED, ontology=NAMES)

    assert involved(batch) == {"o1", "o2", "o3", "o4", LABEL}
    derived = [("create", "e1", LABEL), ("merge", "e2", "o2"), ("merge", "e2", "o3"), ("split", "e2", "o4")]
    assert edit_ids(batch) == {"e1", "e2", *(stable_id(*one) for one in derived)}
    assert (involved(unknown), edit_ids(unknown)) == ({"o1"}, {"e1"})


def test_refusals_for_unknown_names_are_flagged() -> None:
    def decided(editor: InMemoryEditor) -> Decision:
        return editor.apply(creating(mission="m1", category="Kar"), another("o2", mission="m1"))

    assert decided(InMemoryEditor(Medium(FRAMES), ontology=NAMES)).unknown_name
    assert [one.status for one in decided(InMemoryEditor(Medium(FRAMES), ontology=NAMES)).results] == [
        "refused",
        "applied",
    ]
    assert not decided(InMemoryEditor(Medium(FRAMES))).unknown_name


def test_names_are_stored_as_ids() -> None:
    editor = InMemoryEditor(Medium(FRAMES), ontology=NAMES)

    change = editor.apply(creating(mission="Traffic", category="Car")).changes[0]

    assert isinstance(change.edit, Create)
    assert (change.edit.category, change.after.state.category) == ("car", "car")


def test_an_atomic_batch_withdraws_derived_changes(editor: InMemoryEditor) -> None:
    decision = editor.apply(edit("split", frame=20, into="o2"), edit("delete", 1, "missing", "e3"), atomic=True)

    assert (decision.changes, set(editor.objects)) == ([], {"o1"})


def test_both_parts_of_a_split_are_counted_again(editor: InMemoryEditor) -> None:
    changes = editor.apply(edit("split", frame=20, into="o2")).changes

    assert [change.touched for change in changes] == [Span(10, FOREVER), Span(20, FOREVER)]
    assert [visible_spans(change.after.state.keyframes) for change in changes] == [
        (Span(10, 19),),
        (Span(20, FOREVER),),
    ]


def test_an_object_cannot_grow_beyond_the_size_limit() -> None:
    editor = InMemoryEditor(Medium(2_000))
    long = {"a": "x" * 9_000}
    for number in range(500):
        change = edit("put_keyframe", number + 1, name=f"k{number}", keyframe=key(number, attributes=long))
        if number == 0:
            editor.apply(creating())
        if editor.status(change) == ["refused"]:
            break

    assert 400 < editor.state().revision < 500
    assert len(editor.state().model_dump_json()) < 4 * 1024 * 1024
    replaced = edit("put_keyframe", editor.state().revision, name="same", keyframe=key(3, attributes=long))
    assert editor.status(replaced) == ["applied"]
    bigger = edit("set_attributes", editor.state().revision, name="big", attributes={str(n): "x" * 10_000 for n in range(99)})  # fmt: skip  # noqa: E501
    result = editor.results(bigger)[0]
    assert (result.status, result.reason and result.reason.code) == ("refused", "labeled_object_too_large")
