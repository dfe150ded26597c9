"""The fields that edits touch, and which edits are compatible."""

import pytest

from annotation.domain.rebase import WHOLE_OBJECT, collision, touches
from common.contract.edits import Edit
from tests.annotation.builders import creating, edit, key


def saying(name: str, value: float, frame: int | None = None) -> Edit:
    return edit("set_attributes", attributes={name: value}, frame=frame)


BEHAVIOR = {"id": "b1", "name": "Turn", "first": 1, "last": 2}


@pytest.mark.parametrize(
    ("change", "fields"),
    [
        (creating(), {WHOLE_OBJECT}),
        (edit("delete"), {WHOLE_OBJECT}),
        (edit("restore", revision=1), {WHOLE_OBJECT}),
        (edit("split", frame=5, into="o2"), {WHOLE_OBJECT}),
        (edit("merge", others=[{"object": "o2", "base_revision": 1}]), {WHOLE_OBJECT}),
        (edit("convert", to="bitmap"), {WHOLE_OBJECT}),
        (edit("shift", frames=3), {WHOLE_OBJECT}),
        (edit("put_keyframe", keyframe=key(7)), {"keyframe 7"}),
        (edit("remove_keyframe", frame=7), {"keyframe 7"}),
        (edit("set_presence", present=False, first=100, last=150), {"frames 100-151"}),
        (edit("set_occlusion", occluded=True), {"frames 0-99999999"}),
        (edit("move", dx=1, dy=1, first=5), {"frames 5-99999999"}),
        (edit("scale", factor_x=1, factor_y=1, last=5), {"frames 0-5"}),
        (edit("propagate", frame=9, to=3), {"frames 3-10"}),
        (edit("reduce", tolerance=1, first=3, last=9), {"frames 3-9"}),
        (edit("put_generated", first=3, last=9, keyframes=[]), {"frames 3-9"}),
        (edit("set_category", category="Bus"), {"category"}),
        (edit("set_attributes", attributes={"a": 1.0, "b": None}), {"attribute a", "attribute b"}),
        (saying("a", 1, 4), {"keyframe 4 attribute a"}),
        (edit("set_done", done=True), {"done"}),
        (edit("set_group", group=None), {"group"}),
        (edit("set_z_order", z_order=1), {"order"}),
        (edit("make_default"), {"default"}),
        (edit("put_behavior", behavior=BEHAVIOR), {"behavior b1"}),
        (edit("remove_behavior", behavior="b1"), {"behavior b1"}),
    ],
)
def test_an_edit_touches_the_fields_it_sets(change: Edit, fields: set[str]) -> None:
    assert touches(change) == fields


RANGE = edit("set_presence", present=False, first=10, last=20)


@pytest.mark.parametrize(
    ("stale", "concurrent", "field"),
    [
        (edit("put_keyframe", keyframe=key(9)), RANGE, None),
        (edit("put_keyframe", keyframe=key(10)), RANGE, "keyframe 10"),
        (edit("put_keyframe", keyframe=key(21)), RANGE, "keyframe 21"),
        (edit("put_keyframe", keyframe=key(22)), RANGE, None),
        (RANGE, edit("move", dx=1, dy=1, first=21, last=30), "frames 10-21"),
        (RANGE, edit("move", dx=1, dy=1, first=22, last=30), None),
        (RANGE, edit("set_done", done=True), None),
        (edit("set_done", done=True), edit("set_group", group="g"), None),
        (saying("a", 1, 4), edit("put_keyframe", keyframe=key(4)), "keyframe 4 attribute a"),
        (edit("put_keyframe", keyframe=key(4)), saying("a", 1, 4), "keyframe 4"),
        (saying("a", 1, 4), saying("b", 1, 4), None),
        (saying("a", 1, 4), saying("a", 1, 5), None),
        (saying("a", 1), saying("a", 2, 5), "attribute a"),
        (saying("a", 1, 5), saying("a", 2), "keyframe 5 attribute a"),
        (saying("a", 1, 12), RANGE, "keyframe 12 attribute a"),
        (RANGE, saying("a", 1, 12), "frames 10-21"),
        (RANGE, saying("a", 1), None),
        (edit("put_behavior", behavior=BEHAVIOR), edit("remove_behavior", behavior="b1"), "behavior b1"),
        (edit("put_behavior", behavior=BEHAVIOR), edit("remove_behavior", behavior="b2"), None),
        (edit("delete"), edit("set_done", done=True), WHOLE_OBJECT),
        (edit("set_done", done=True), edit("shift", frames=1), WHOLE_OBJECT),
    ],
)  # fmt: skip
def test_edits_are_compatible_unless_fields_overlap(stale: Edit, concurrent: Edit, field: str | None) -> None:
    assert collision(stale, [touches(edit("set_z_order", z_order=1)), touches(concurrent)]) == field


def test_an_attribute_may_have_any_name() -> None:
    odd = edit("set_attributes", attributes={"keyframe 4": 1.0, "frames 1-9": 2.0})

    assert collision(odd, [touches(edit("put_keyframe", keyframe=key(4)))]) is None
    assert collision(odd, [touches(odd)]) == "attribute frames 1-9"


def test_no_changes_give_no_collision() -> None:
    assert collision(edit("delete"), []) is None
