"""Batches: retries, stale bases, all or none, and runs that leave people's work alone."""

from typing import Any

import pytest
from pydantic import TypeAdapter

from annotation.domain.batch import Medium
from annotation.domain.rebase import MAX_REVISIONS_BEHIND
from annotation.domain.tracks import FOREVER, Span
from common.contract.edits import Edit
from common.contract.errors import reason_for
from tests.annotation.builders import box
from tests.annotation.in_memory import InMemoryEditor

EDIT: TypeAdapter[Edit] = TypeAdapter(Edit)


def keyframe(frame: int, x1: float = 0, *, outside: bool = False) -> dict[str, Any]:
    return {
        "frame": frame,
        "geometry": {"kind": "bbox", "x1": x1, "y1": 0, "x2": x1 + 10, "y2": 10},
        "outside": outside,
    }


def edit(name: str, verb: str, base: int = 0, one: str = "o1", **more: Any) -> Edit:
    if verb == "create":
        more = {"mission": "M", "category": "Car", "keyframes": [keyframe(0)]} | more
    return EDIT.validate_python({"id": name, "object": one, "base_revision": base, "verb": verb} | more)


@pytest.fixture
def editor() -> InMemoryEditor:
    editor = InMemoryEditor(Medium(2000))
    editor.apply(edit("made", "create", keyframes=[keyframe(0), keyframe(10)]))
    return editor


def test_the_same_edit_again_gets_the_same_answer(editor: InMemoryEditor) -> None:
    move = edit("e1", "put_keyframe", 1, keyframe=keyframe(5))
    first = editor.apply(move).results[0]
    editor.apply(edit("e2", "set_done", 2, done=True))

    again = editor.apply(move)

    assert again.changes == []
    assert (again.results[0].status, again.results[0].object) == ("duplicate", first.object)


def test_an_edit_twice_in_one_batch_is_applied_once(editor: InMemoryEditor) -> None:
    move = edit("e1", "put_keyframe", 1, keyframe=keyframe(5))

    assert editor.status(move, move) == ["applied", "duplicate"]


def test_an_id_of_another_edit_is_refused(editor: InMemoryEditor) -> None:
    assert editor.status(edit("made", "delete", 1)) == ["refused"]


@pytest.mark.parametrize(
    ("mine", "theirs", "status"),
    [
        (("put_keyframe", {"keyframe": keyframe(5)}), ("put_keyframe", {"keyframe": keyframe(6)}), "applied"),
        (("put_keyframe", {"keyframe": keyframe(5)}), ("put_keyframe", {"keyframe": keyframe(5, 3)}), "conflict"),
        (("put_keyframe", {"keyframe": keyframe(10)}), ("remove_keyframe", {"frame": 10}), "conflict"),
        (("put_keyframe", {"keyframe": keyframe(5)}), ("set_category", {"category": "Bus"}), "applied"),
        (("set_category", {"category": "Bus"}), ("set_category", {"category": "Van"}), "conflict"),
        (("set_attributes", {"attributes": {"a": 1.0}}), ("set_attributes", {"attributes": {"b": 2.0}}), "applied"),
        (("set_attributes", {"attributes": {"a": 1.0}}), ("set_attributes", {"attributes": {"a": 2.0}}), "conflict"),
        (("set_done", {"done": True}), ("set_attributes", {"attributes": {"done": 2.0}}), "applied"),
        (("set_done", {"done": True}), ("delete", {}), "conflict"),
        (("delete", {}), ("put_keyframe", {"keyframe": keyframe(5)}), "conflict"),
        (("restore", {"revision": 1}), ("set_done", {"done": True}), "conflict"),
    ],
)
def test_a_stale_edit_is_rebased_unless_both_touch_the_same(
    editor: InMemoryEditor, mine: Any, theirs: Any, status: str
) -> None:
    editor.apply(edit("theirs", theirs[0], 1, **theirs[1]))
    before = editor.state()

    result = editor.apply(edit("mine", mine[0], 1, **mine[1])).results[0]

    assert result.status == status
    if status == "conflict":
        assert result.object == before == editor.state()
    else:
        assert result.revision == 3


def test_both_stale_edits_stay(editor: InMemoryEditor) -> None:
    editor.apply(edit("theirs", "put_keyframe", 1, keyframe=keyframe(5, 55)))
    editor.apply(edit("mine", "put_keyframe", 1, keyframe=keyframe(7, 77)))

    assert [one.geometry for one in editor.state().keyframes] == [box(0), box(55), box(77), box(0)]


def test_edits_of_one_batch_do_not_conflict_with_each_other(editor: InMemoryEditor) -> None:
    moves = [edit(f"e{x}", "put_keyframe", 1, keyframe=keyframe(5, x)) for x in range(3)]

    assert editor.status(*moves) == ["applied"] * 3
    assert editor.state().keyframes[1].geometry == box(2)


def test_a_batch_whose_answer_was_lost_goes_on_where_it_was(editor: InMemoryEditor) -> None:
    first = edit("e1", "put_keyframe", 1, keyframe=keyframe(5, 1))
    editor.apply(first)

    assert editor.status(first, edit("e2", "put_keyframe", 1, keyframe=keyframe(5, 2))) == ["duplicate", "applied"]


def test_a_base_that_never_was_is_a_conflict(editor: InMemoryEditor) -> None:
    assert editor.status(edit("e1", "set_done", 9, done=True)) == ["conflict"]


def test_an_edit_far_behind_is_a_conflict(editor: InMemoryEditor) -> None:
    for number in range(MAX_REVISIONS_BEHIND):
        editor.apply(edit(f"n{number}", "set_done", number + 1, done=True))

    assert editor.status(edit("in-time", "set_attributes", 1, attributes={"a": True})) == ["applied"]
    assert editor.status(edit("late", "set_attributes", 1, attributes={"b": True})) == ["conflict"]


def test_a_missing_object_and_a_taken_id_are_refused(editor: InMemoryEditor) -> None:
    editor.foreign_ids = frozenset({"theirs"})

    statuses = editor.status(
        edit("e1", "delete", 1, one="nobody"),
        edit("e2", "create", one="theirs"),
        edit("e3", "create"),
        edit("e4", "delete", 1, one="theirs"),
    )

    assert statuses == ["refused"] * 4


def test_one_bad_edit_leaves_the_others(editor: InMemoryEditor) -> None:
    bad = edit("e1", "remove_keyframe", 1, frame=99)

    assert editor.status(bad, edit("e2", "set_done", 1, done=True)) == ["refused", "applied"]


def test_atomic_is_all_or_none(editor: InMemoryEditor) -> None:
    bad = edit("e1", "remove_keyframe", 1, frame=99)
    good = edit("e2", "set_done", 1, done=True)

    decision = editor.apply(good, bad, atomic=True)

    assert decision.changes == []
    assert [result.status for result in decision.results] == ["refused", "refused"]
    assert decision.results[0].reason == reason_for("atomic_batch_failed")
    assert decision.results[1].reason is not None
    assert decision.results[1].reason.code == "keyframe_not_found"
    assert editor.status(good, atomic=True) == ["applied"]


def test_an_object_can_be_made_edited_and_restored_in_one_batch(editor: InMemoryEditor) -> None:
    statuses = editor.status(
        edit("e1", "create", one="o2"),
        edit("e2", "set_category", 1, one="o2", category="Bus"),
        edit("e3", "delete", 2, one="o2"),
        edit("e4", "restore", 3, one="o2", revision=1),
    )

    assert statuses == ["applied"] * 4
    assert editor.state("o2").category == "Car"


def test_a_run_leaves_alone_what_a_person_changed(editor: InMemoryEditor) -> None:
    editor.apply(edit("r1", "create", one="o2"), automatic=True)
    assert editor.status(edit("r2", "put_keyframe", 1, one="o2", keyframe=keyframe(5)), automatic=True) == ["applied"]
    editor.apply(edit("e1", "set_done", 2, one="o2", done=True))

    assert editor.status(edit("r3", "put_keyframe", 3, one="o2", keyframe=keyframe(6)), automatic=True) == ["refused"]


def test_the_changes_of_an_object_never_go_back_in_time(editor: InMemoryEditor) -> None:
    editor.now = 50.0

    change = editor.apply(edit("e1", "set_done", 1, done=True)).changes[0]

    assert change.after.at == 100.0


@pytest.mark.parametrize(
    ("change", "touched"),
    [
        (edit("e1", "set_category", 1, category="Bus"), None),
        (edit("e1", "put_keyframe", 1, keyframe=keyframe(5)), None),
        (edit("e1", "put_keyframe", 1, keyframe=keyframe(20, outside=True)), Span(0, FOREVER)),
        (edit("e1", "delete", 1), Span(0, FOREVER)),
    ],
)
def test_clips_are_counted_again_only_where_something_appears_or_goes(
    editor: InMemoryEditor, change: Edit, touched: Span | None
) -> None:
    assert editor.apply(change).changes[0].touched == touched


def test_the_first_touch_of_a_person_counts(editor: InMemoryEditor) -> None:
    editor.apply(edit("r1", "create", one="o2"), automatic=True)

    first = editor.apply(edit("e1", "set_done", 1, one="o2", done=True)).changes[0]
    second = editor.apply(edit("e2", "set_done", 2, one="o2", done=False)).changes[0]

    assert (first.touched, second.touched) == (Span(0, FOREVER), None)
