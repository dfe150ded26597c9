"""Batches: retries, stale edits, atomic batches, and protection of manual work from runs."""

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


def test_repeated_edit_returns_the_same_result(editor: InMemoryEditor) -> None:
    move = edit("e1", "put_keyframe", 1, keyframe=keyframe(5))
    first = editor.apply(move).results[0]
    editor.apply(edit("e2", "set_done", 2, done=True))

    again = editor.apply(move)

    assert again.changes == []
    assert (again.results[0].status, again.results[0].object) == ("duplicate", first.object)


def test_edit_repeated_in_a_batch_is_applied_once(editor: InMemoryEditor) -> None:
    move = edit("e1", "put_keyframe", 1, keyframe=keyframe(5))

    assert editor.status(move, move) == ["applied", "duplicate"]


def test_edit_id_of_another_edit_is_refused(editor: InMemoryEditor) -> None:
    assert editor.status(edit("made", "delete", 1)) == ["refused"]


@pytest.mark.parametrize(
    ("stale", "concurrent", "status"),
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
def test_stale_edit_is_rebased_unless_fields_overlap(
    editor: InMemoryEditor, stale: Any, concurrent: Any, status: str
) -> None:
    editor.apply(edit("other", concurrent[0], 1, **concurrent[1]))
    before = editor.state()

    result = editor.apply(edit("mine", stale[0], 1, **stale[1])).results[0]

    assert result.status == status
    if status == "conflict":
        assert result.object == before == editor.state()
    else:
        assert result.revision == 3


def test_two_stale_edits_of_different_fields_are_kept(editor: InMemoryEditor) -> None:
    editor.apply(edit("other", "put_keyframe", 1, keyframe=keyframe(5, 55)))
    editor.apply(edit("mine", "put_keyframe", 1, keyframe=keyframe(7, 77)))

    assert [one.geometry for one in editor.state().keyframes] == [box(0), box(55), box(77), box(0)]


def test_edits_of_one_batch_do_not_conflict_with_each_other(editor: InMemoryEditor) -> None:
    moves = [edit(f"e{x}", "put_keyframe", 1, keyframe=keyframe(5, x)) for x in range(3)]

    assert editor.status(*moves) == ["applied"] * 3
    assert editor.state().keyframes[1].geometry == box(2)


def test_batch_is_repeatable_after_a_lost_answer(editor: InMemoryEditor) -> None:
    first = edit("e1", "put_keyframe", 1, keyframe=keyframe(5, 1))
    editor.apply(first)

    assert editor.status(first, edit("e2", "put_keyframe", 1, keyframe=keyframe(5, 2))) == ["duplicate", "applied"]


def test_base_revision_in_the_future_is_a_conflict(editor: InMemoryEditor) -> None:
    assert editor.status(edit("e1", "set_done", 9, done=True)) == ["conflict"]


def test_edit_with_a_very_old_base_is_a_conflict(editor: InMemoryEditor) -> None:
    for number in range(MAX_REVISIONS_BEHIND):
        editor.apply(edit(f"n{number}", "set_done", number + 1, done=True))

    assert editor.status(edit("in-time", "set_attributes", 1, attributes={"a": True})) == ["applied"]
    assert editor.status(edit("late", "set_attributes", 1, attributes={"b": True})) == ["conflict"]


def test_missing_objects_and_ids_in_use_are_refused(editor: InMemoryEditor) -> None:
    editor.foreign_ids = frozenset({"other"})

    statuses = editor.status(
        edit("e1", "delete", 1, one="missing"),
        edit("e2", "create", one="other"),
        edit("e3", "create"),
        edit("e4", "delete", 1, one="other"),
    )

    assert statuses == ["refused"] * 4


def test_a_refused_edit_does_not_affect_the_others(editor: InMemoryEditor) -> None:
    bad = edit("e1", "remove_keyframe", 1, frame=99)

    assert editor.status(bad, edit("e2", "set_done", 1, done=True)) == ["refused", "applied"]


def test_atomic_batch_is_applied_completely_or_not_at_all(editor: InMemoryEditor) -> None:
    bad = edit("e1", "remove_keyframe", 1, frame=99)
    good = edit("e2", "set_done", 1, done=True)

    decision = editor.apply(good, bad, atomic=True)

    assert decision.changes == []
    assert [result.status for result in decision.results] == ["refused", "refused"]
    assert decision.results[0].reason == reason_for("atomic_batch_failed")
    assert decision.results[1].reason is not None
    assert decision.results[1].reason.code == "keyframe_not_found"
    assert editor.status(good, atomic=True) == ["applied"]


def test_an_object_can_be_created_edited_and_restored_in_one_batch(editor: InMemoryEditor) -> None:
    statuses = editor.status(
        edit("e1", "create", one="o2"),
        edit("e2", "set_category", 1, one="o2", category="Bus"),
        edit("e3", "delete", 2, one="o2"),
        edit("e4", "restore", 3, one="o2", revision=1),
    )

    assert statuses == ["applied"] * 4
    assert editor.state("o2").category == "Car"


def test_a_run_does_not_change_objects_edited_by_a_person(editor: InMemoryEditor) -> None:
    editor.apply(edit("r1", "create", one="o2"), automatic=True)
    assert editor.status(edit("r2", "put_keyframe", 1, one="o2", keyframe=keyframe(5)), automatic=True) == ["applied"]
    editor.apply(edit("e1", "set_done", 2, one="o2", done=True))

    assert editor.status(edit("r3", "put_keyframe", 3, one="o2", keyframe=keyframe(6)), automatic=True) == ["refused"]


def test_times_of_changes_never_decrease(editor: InMemoryEditor) -> None:
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
def test_clips_are_counted_again_only_where_visibility_changes(
    editor: InMemoryEditor, change: Edit, touched: Span | None
) -> None:
    assert editor.apply(change).changes[0].touched == touched


def test_the_first_edit_by_a_person_marks_clips(editor: InMemoryEditor) -> None:
    editor.apply(edit("r1", "create", one="o2"), automatic=True)

    first = editor.apply(edit("e1", "set_done", 1, one="o2", done=True)).changes[0]
    second = editor.apply(edit("e2", "set_done", 2, one="o2", done=False)).changes[0]

    assert (first.touched, second.touched) == (Span(0, FOREVER), None)
