"""Taking back one change: what it set goes back, what was set since stays, and what both set is a conflict."""

from typing import Any

import pytest

from annotation.domain.batch import Medium
from annotation.domain.derived_edits import label_id
from common.contract.edits import Edit
from common.contract.errors import reason_for
from common.contract.labels import ObjectState
from common.geometry.types import ImageTag
from tests.annotation.builders import FRAMES, box, creating, edit, frames, key
from tests.annotation.in_memory import Desk

TURN = {"id": "b1", "name": "Turn", "first": 1, "last": 2}


@pytest.fixture
def desk() -> Desk:
    desk = Desk(Medium(FRAMES))
    desk.apply(
        creating(key(0), key(20, box(50), attributes={"a": 1.0}), attributes={"x": True}, behaviors=[TURN], z_order=2)
    )
    return desk


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
def test_every_change_can_be_taken_back_and_made_again(desk: Desk, change: Edit) -> None:
    before = desk.state()
    assert desk.status(change) == ["applied"]
    made = desk.state()

    assert desk.status(revert(2, 2)) == ["applied"]
    reverted_changes = desk.state()
    assert desk.status(revert(3, 3, "again")) == ["applied"]

    assert content(reverted_changes) == content(before)
    assert content(desk.state()) == content(made)


def test_the_first_change_taken_back_is_the_object_gone_and_again_is_there(desk: Desk) -> None:
    before = desk.state()

    assert desk.status(revert(1, 1)) == ["applied"]
    assert desk.state().deleted
    assert desk.status(revert(2, 2, "again")) == ["applied"]

    assert content(desk.state()) == content(before)


def test_what_others_set_since_stays(desk: Desk) -> None:
    desk.apply(edit("move", dx=5, dy=0, last=0, name="mine"))
    desk.apply(edit("put_keyframe", 2, keyframe=key(10, box(33)), name="theirs"))
    desk.apply(edit("set_done", 3, done=True, name="done"))

    assert desk.status(revert(2, 4)) == ["applied"]

    assert frames(desk.state()) == [0, 10, 20]
    assert [one.geometry for one in desk.state().keyframes] == [box(), box(33), box(50)]
    assert desk.state().done


@pytest.mark.parametrize(
    ("mine", "theirs", "what"),
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
def test_what_was_changed_since_is_a_conflict(desk: Desk, mine: Edit, theirs: Edit, what: str | None) -> None:
    desk.apply(mine)
    assert desk.status(theirs.model_copy(update={"id": "theirs"})) == ["applied"]
    before = desk.state()

    result = desk.results(revert(2, 3))[0]

    assert result.status == ("applied" if what is None else "conflict")
    if what is not None:
        assert result.reason is not None
        assert result.reason.code == what
        assert result.object == before == desk.state()


def test_an_object_that_was_changed_since_is_not_unmade(desk: Desk) -> None:
    desk.apply(edit("set_done", done=True))

    result = desk.results(revert(1, 2))[0]

    assert (result.status, result.reason and result.reason.code) == ("conflict", "done_changed")


def test_a_shape_of_another_kind_set_since_is_a_conflict(desk: Desk) -> None:
    desk.apply(edit("convert", to="polygon"))
    outline = desk.state().keyframes[0].geometry
    desk.apply(edit("put_keyframe", 2, keyframe=key(50, outline), name="theirs"))

    result = desk.results(revert(2, 3))[0]

    assert (result.status, result.reason and result.reason.code) == ("conflict", "object_changed")


def test_an_object_stays_visible_somewhere(desk: Desk) -> None:
    desk.apply(edit("put_keyframe", keyframe=key(30)))
    desk.apply(edit("set_presence", 2, present=False, last=29, name="e3"))

    result = desk.results(revert(2, 3))[0]

    assert result.status == "conflict"
    assert any(not one.outside for one in desk.state().keyframes)


def test_a_deleted_object_comes_back_by_taking_back_its_deletion_alone(desk: Desk) -> None:
    desk.apply(edit("set_done", done=True))
    desk.apply(edit("delete", 2, name="e3"))

    assert desk.status(revert(2, 3)) == ["refused"]
    assert desk.status(revert(3, 3, "b2")) == ["applied"]
    assert not desk.state().deleted


def test_only_what_was_there_is_taken_back(desk: Desk) -> None:
    result = desk.results(revert(7, 1))[0]

    assert result.status == "refused"
    assert result.reason == reason_for("revision_not_found", revision=7)


def test_a_stale_take_back_collides_with_what_it_would_set(desk: Desk) -> None:
    desk.apply(edit("put_keyframe", keyframe=key(10)))
    desk.apply(edit("set_done", 2, done=True, name="e3"))

    assert desk.status(revert(2, 2)) == ["applied"]
    desk.apply(edit("put_keyframe", 4, keyframe=key(10), name="e5"))
    assert desk.status(revert(2, 4, "b2")) == ["conflict"]


def test_a_default_label_taken_back_is_what_it_was() -> None:
    desk = Desk(Medium(FRAMES))
    target = label_id("m", "m1", "Car")
    desk.apply(creating(key(0, ImageTag()), object=target))
    desk.apply(edit("make_default", object_id=target))

    assert desk.status(edit("revert", 2, target, "back", revision=2)) == ["applied"]
    assert desk.state(target).preferred_at is None
