"""Reverting a change restores its fields and keeps later changes of other fields; those of its fields conflict."""

from typing import Any

import pytest

from annotation.domain.batch import Medium
from annotation.domain.derived_edits import label_id
from common.contract.edits import Edit
from common.contract.errors import reason_for
from common.contract.labels import ObjectState
from common.geometry.types import ImageTag
from tests.annotation.builders import FRAMES, box, creating, edit, frames, key
from tests.annotation.in_memory import InMemoryEditor

TURN = {"id": "b1", "name": "Turn", "first": 1, "last": 2}


@pytest.fixture
def editor() -> InMemoryEditor:
    editor = InMemoryEditor(Medium(FRAMES))
    editor.apply(
        creating(key(0), key(20, box(50), attributes={"a": 1.0}), attributes={"x": True}, behaviors=[TURN], z_order=2)
    )
    return editor


def content(state: ObjectState) -> dict[str, Any]:
    return state.model_dump(exclude={"revision"})


def saying(value: float | bool, base: int = 1) -> Edit:
    return edit("set_attributes", base, attributes={"x": value})


def doing(name: str, last: int, base: int = 1) -> Edit:
    return edit("put_behavior", base, behavior=TURN | {"id": name, "last": last})


def revert(revision: int, base: int, name: str = "back") -> Edit:
    return edit("revert", base, name=name, revision=revision)


@pytest.mark.parametrize(
    "change",
    [
        edit("put_keyframe", keyframe=key(10)),
        edit("put_keyframe", keyframe=key(20)),
        edit("remove_keyframe", frame=20),
        edit("set_category", category="Bus", type="Big", mission="other"),
        edit("set_attributes", attributes={"x": None, "y": 2.0}),
        edit("set_attributes", attributes={"a": 2.0}, frame=10),
        edit("set_done", done=True),
        edit("set_group", group="g"),
        edit("set_z_order", z_order=9),
        edit("set_presence", present=False, first=5, last=9),
        edit("set_presence", present=False),
        edit("set_occlusion", occluded=True, first=5, last=9),
        edit("move", dx=1, dy=1),
        edit("scale", factor_x=2, factor_y=2),
        edit("shift", frames=7),
        edit("propagate", frame=0, to=30),
        edit("convert", to="bitmap"),
        edit("put_behavior", behavior=TURN | {"last": 9}),
        edit("put_behavior", behavior=TURN | {"id": "b2"}),
        edit("remove_behavior", behavior="b1"),
        edit("delete"),
        edit("split", frame=10, into="o2"),
    ],
)
def test_every_change_can_be_reverted_and_repeated(editor: InMemoryEditor, change: Edit) -> None:
    before = editor.state()
    assert editor.status(change) == ["applied"]
    made = editor.state()

    assert editor.status(revert(2, 2)) == ["applied"]
    reverted_changes = editor.state()
    assert editor.status(revert(3, 3, "again")) == ["applied"]

    assert content(reverted_changes) == content(before)
    assert content(editor.state()) == content(made)


def test_reverting_the_first_change_deletes_the_object(editor: InMemoryEditor) -> None:
    before = editor.state()

    assert editor.status(revert(1, 1)) == ["applied"]
    assert editor.state().deleted
    assert editor.status(revert(2, 2, "again")) == ["applied"]

    assert content(editor.state()) == content(before)


def test_later_changes_of_other_fields_are_kept(editor: InMemoryEditor) -> None:
    editor.apply(edit("move", dx=5, dy=0, last=0, name="mine"))
    editor.apply(edit("put_keyframe", 2, keyframe=key(10, box(33)), name="later"))
    editor.apply(edit("set_done", 3, done=True, name="done"))

    assert editor.status(revert(2, 4)) == ["applied"]

    assert frames(editor.state()) == [0, 10, 20]
    assert [one.geometry for one in editor.state().keyframes] == [box(), box(33), box(50)]
    assert editor.state().done


@pytest.mark.parametrize(
    ("first", "later", "code"),
    [
        (edit("put_keyframe", keyframe=key(10)), edit("put_keyframe", 2, keyframe=key(10, box(3))), "keyframe_changed"),
        (edit("put_keyframe", keyframe=key(10)), edit("remove_keyframe", 2, frame=10), None),
        (edit("set_done", done=True), edit("set_done", 2, done=False), None),
        (edit("set_z_order", z_order=5), edit("set_z_order", 2, z_order=7), "order_changed"),
        (edit("set_category", category="Bus"), edit("set_category", 2, category="Van"), "category_changed"),
        (saying(1.0), saying(2.0, 2), "attribute_changed"),
        (saying(1.0), saying(True, 2), None),
        (doing("b2", 4), doing("b2", 5, 2), "behavior_changed"),
        (edit("convert", to="bitmap"), edit("convert", 2, to="polygon"), "keyframe_changed"),
        (edit("remove_keyframe", frame=20), edit("shift", 2, frames=20), "keyframe_changed"),
    ],
)  # fmt: skip
def test_later_changes_of_the_same_field_are_a_conflict(
    editor: InMemoryEditor, first: Edit, later: Edit, code: str | None
) -> None:
    editor.apply(first)
    assert editor.status(later.model_copy(update={"id": "later"})) == ["applied"]
    before = editor.state()

    result = editor.results(revert(2, 3))[0]

    assert result.status == ("applied" if code is None else "conflict")
    if code is not None:
        assert result.reason is not None
        assert result.reason.code == code
        assert result.object == before == editor.state()


def test_the_creation_of_a_changed_object_is_not_reverted(editor: InMemoryEditor) -> None:
    editor.apply(edit("set_done", done=True))

    result = editor.results(revert(1, 2))[0]

    assert (result.status, result.reason and result.reason.code) == ("conflict", "done_changed")


def test_a_later_conversion_is_a_conflict(editor: InMemoryEditor) -> None:
    editor.apply(edit("convert", to="polygon"))
    outline = editor.state().keyframes[0].geometry
    editor.apply(edit("put_keyframe", 2, keyframe=key(50, outline), name="later"))

    result = editor.results(revert(2, 3))[0]

    assert (result.status, result.reason and result.reason.code) == ("conflict", "object_changed")


def test_a_revert_must_leave_a_visible_keyframe(editor: InMemoryEditor) -> None:
    editor.apply(edit("put_keyframe", keyframe=key(30)))
    editor.apply(edit("set_presence", 2, present=False, last=29, name="e3"))

    result = editor.results(revert(2, 3))[0]

    assert result.status == "conflict"
    assert any(not one.outside for one in editor.state().keyframes)


def test_only_reverting_the_deletion_restores_an_object(editor: InMemoryEditor) -> None:
    editor.apply(edit("set_done", done=True))
    editor.apply(edit("delete", 2, name="e3"))

    assert editor.status(revert(2, 3)) == ["refused"]
    assert editor.status(revert(3, 3, "b2")) == ["applied"]
    assert not editor.state().deleted


def test_only_existing_revisions_are_reverted(editor: InMemoryEditor) -> None:
    result = editor.results(revert(7, 1))[0]

    assert result.status == "refused"
    assert result.reason == reason_for("revision_not_found", revision=7)


def test_a_stale_revert_conflicts_on_its_fields(editor: InMemoryEditor) -> None:
    editor.apply(edit("put_keyframe", keyframe=key(10)))
    editor.apply(edit("set_done", 2, done=True, name="e3"))

    assert editor.status(revert(2, 2)) == ["applied"]
    editor.apply(edit("put_keyframe", 4, keyframe=key(10), name="e5"))
    assert editor.status(revert(2, 4, "b2")) == ["conflict"]


def test_reverting_a_default_label_restores_the_previous_one() -> None:
    editor = InMemoryEditor(Medium(FRAMES))
    target = label_id("m", "m1", "Car")
    editor.apply(creating(key(0, ImageTag()), object=target))
    editor.apply(edit("make_default", object_id=target))

    assert editor.status(edit("revert", 2, target, "back", revision=2)) == ["applied"]
    assert editor.state(target).preferred_at is None
