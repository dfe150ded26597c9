"""Each verb: what it makes of an object, and what it refuses."""

import math
from typing import Any

import pytest
from pydantic import TypeAdapter

from annotation.domain.edit import FARTHEST, MAX_ATTRIBUTES, Refusal, Scene, apply, create
from common.labels import Create, Edit, Keyframe, ObjectState

SCENE = Scene("p", "m", frame_count=100, author="ada")
EDIT: TypeAdapter[Edit] = TypeAdapter(Edit)


def keyframe(frame: int, x1: float = 0, size: float = 10, *, outside: bool = False, rotation: float = 0) -> Keyframe:
    geometry = {"x1": x1, "y1": 0, "x2": x1 + size, "y2": size, "rotation": rotation}
    return Keyframe.model_validate({"frame": frame, "geometry": geometry, "outside": outside})


def creating(**more: Any) -> Create:
    given = {"id": "e1", "object": "o1", "base_revision": 0, "mission": "M", "category": "Car"}
    return Create.model_validate(given | {"keyframes": [keyframe(10), keyframe(20, 50)]} | more)


def edit(verb: str, **more: Any) -> Edit:
    return EDIT.validate_python({"id": "e2", "object": "o1", "base_revision": 1, "verb": verb} | more)


@pytest.fixture
def car() -> ObjectState:
    return create(creating(attributes={"Occlusion": "None", "Speed": 3.5}), SCENE)


def frames(state: ObjectState) -> list[int]:
    return [one.frame for one in state.keyframes]


def test_create_makes_revision_one_with_keyframes_in_order() -> None:
    state = create(creating(keyframes=[keyframe(20), keyframe(10)], source="model", score=0.5), SCENE)

    assert (state.revision, frames(state), state.author, state.media_id) == (1, [10, 20], "ada", "m")
    assert (state.source, state.score, state.deleted) == ("model", 0.5, False)


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"keyframes": [keyframe(10), keyframe(10)]}, "Frame 10 has two keyframes"),
        ({"keyframes": [keyframe(100)]}, "Frame 100 is outside the medium"),
        ({"keyframes": [keyframe(5, size=0.5)]}, "at least 1 pixel"),
        ({"keyframes": [keyframe(5, size=-10)]}, "at least 1 pixel"),
        ({"keyframes": [keyframe(5, x1=-2 * FARTHEST)]}, "Coordinates lie between"),
        ({"keyframes": [keyframe(5, rotation=1e300)]}, "Coordinates lie between"),
        ({"keyframes": [keyframe(5, outside=True)]}, "visible nowhere"),
        ({"score": math.nan}, "score"),
        ({"score": 1.5}, "score"),
        ({"attributes": {"Speed": math.inf}}, "not a finite number"),
        ({"attributes": {"": "x"}}, "1 to 200 characters"),
        ({"attributes": {"n": "x" * 10_001}}, "longer than"),
        ({"attributes": {str(n): True for n in range(MAX_ATTRIBUTES + 1)}}, "at most"),
    ],
)
def test_create_refuses_what_could_block_an_export(more: dict[str, Any], reason: str) -> None:
    with pytest.raises(Refusal, match=reason):
        create(creating(**more), SCENE)


def test_a_box_of_one_pixel_is_allowed_whatever_rounding_does() -> None:
    state = create(creating(keyframes=[keyframe(0, x1=10.1, size=1.0)]), SCENE)

    assert len(state.keyframes) == 1


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (edit("put_keyframe", keyframe=keyframe(15, 7)), {"frames": [10, 15, 20]}),
        (edit("put_keyframe", keyframe=keyframe(10, 7)), {"frames": [10, 20]}),
        (edit("put_keyframe", keyframe=keyframe(0)), {"frames": [0, 10, 20]}),
        (edit("put_keyframe", keyframe=keyframe(99, outside=True)), {"frames": [10, 20, 99]}),
        (edit("remove_keyframe", frame=20), {"frames": [10]}),
        (edit("set_category", category="Bus"), {"category": "Bus", "mission": "M", "type": None}),
        (edit("set_category", mission="N", category="Bus", type="Big"), {"mission": "N", "type": "Big"}),
        (edit("set_attributes", attributes={"Speed": None, "a": 1.5}), {"attributes": {"Occlusion": "None", "a": 1.5}}),
        (edit("set_done", done=True), {"done": True}),
        (edit("delete"), {"deleted": True}),
    ],
)  # fmt: skip
def test_a_verb_changes_what_it_names_and_raises_the_revision(
    car: ObjectState, change: Edit, expected: dict[str, Any]
) -> None:
    after = apply(change, car, SCENE)

    found = after.model_dump() | {"frames": frames(after)}
    assert {name: found[name] for name in expected} == expected
    assert after.revision == 2
    assert car.revision == 1


def test_a_replaced_keyframe_is_the_new_one(car: ObjectState) -> None:
    after = apply(edit("put_keyframe", keyframe=keyframe(10, 7)), car, SCENE)

    assert after.keyframes[0].geometry.x1 == 7


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (edit("put_keyframe", keyframe=keyframe(100)), "outside the medium"),
        (edit("put_keyframe", keyframe=keyframe(10, size=0)), "at least 1 pixel"),
        (edit("remove_keyframe", frame=15), "no keyframe on frame 15"),
        (edit("set_attributes", attributes={"Speed": math.nan}), "finite"),
        (edit("restore", revision=7), "no revision 7"),
    ],
)
def test_a_verb_refuses_what_breaks_an_invariant(car: ObjectState, change: Edit, reason: str) -> None:
    with pytest.raises(Refusal, match=reason):
        apply(change, car, SCENE)


def test_the_last_keyframe_stays(car: ObjectState) -> None:
    one = apply(edit("remove_keyframe", frame=10), car, SCENE)

    with pytest.raises(Refusal, match="last keyframe"):
        apply(edit("remove_keyframe", frame=20), one, SCENE)


def test_the_last_keyframe_in_view_stays_in_view(car: ObjectState) -> None:
    hidden = apply(edit("put_keyframe", keyframe=keyframe(20, outside=True)), car, SCENE)

    with pytest.raises(Refusal, match="visible nowhere"):
        apply(edit("remove_keyframe", frame=10), hidden, SCENE)
    with pytest.raises(Refusal, match="visible nowhere"):
        apply(edit("put_keyframe", keyframe=keyframe(10, outside=True)), hidden, SCENE)


def test_a_deleted_object_accepts_restore_alone(car: ObjectState) -> None:
    gone = apply(edit("delete"), car, SCENE)

    with pytest.raises(Refusal, match="restore it first"):
        apply(edit("set_done", done=True), gone, SCENE)
    back = apply(edit("restore", revision=1), gone, SCENE, earlier=car)
    assert back == car.model_copy(update={"revision": 3})


def test_what_was_restored_keeps_whose_it_is(car: ObjectState) -> None:
    moved = apply(edit("put_keyframe", keyframe=keyframe(15, 7)), car, SCENE)

    back = apply(edit("restore", revision=1), moved, Scene("p", "m", 100, author="ben"), earlier=car)

    assert (back.author, back.keyframes, back.revision) == ("ada", car.keyframes, 3)
