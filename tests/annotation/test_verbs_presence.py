"""Where an object is in view and where something hides it: what is said of some frames changes no others."""

import random
from typing import Any

import pytest

from annotation.domain.edit import apply
from annotation.domain.edit_context import EditContext, Medium
from annotation.domain.errors import EditRefused
from annotation.domain.tracks import FOREVER, visible_spans
from common.contract.edits import Edit
from common.contract.labels import Attributes, Keyframe, ObjectState
from common.geometry.shapes import attributes_at, shape_at
from common.geometry.types import Keypoint, Line
from tests.annotation.builders import CONTEXT, FRAMES, RUN, box, edit, frames, key, made, shape

LONG = EditContext("p", "m", Medium(301), "ada")


def seen(state: ObjectState, frame: int) -> tuple[tuple[float, ...], bool, Attributes] | None:
    """What is seen of an object on a frame: box, occlusion, attributes."""
    found = shape_at(state.keyframes, frame)
    if found is None:
        return None
    geometry: Any = found.geometry
    numbers = tuple(round(number, 6) for number in (geometry.x1, geometry.y1, geometry.x2, geometry.y2))
    return numbers, state.keyframes[found.keyframe].occluded, attributes_at(state.keyframes, frame)


def sources(state: ObjectState) -> list[str]:
    return [one.source for one in state.keyframes]


def test_a_disappearance_leaves_present_and_absent_frames() -> None:
    walker = made(key(1, box(0)), key(300, box(299)), context=LONG)

    after = apply(edit("set_presence", present=False, first=100, last=150), walker, LONG)

    assert visible_spans(after.keyframes) == ((1, 99), (151, FOREVER))
    assert frames(after) == [1, -100, 151, 300]
    assert seen(after, 151) == seen(walker, 151)
    assert sources(after)[1:3] == ["manual", "manual"]


def test_keyframes_where_an_object_is_absent_go_and_what_they_say_holds_on() -> None:
    car = made(key(0), key(10, box(5), attributes={"Speed": 3.0}), key(20, box(9), attributes={"Speed": 4.0}))

    after = apply(edit("set_presence", present=False, first=5, last=15), car, CONTEXT)

    assert frames(after) == [0, -5, 16, 20]
    assert [one.attributes for one in after.keyframes] == [{}, {}, {"Speed": 3.0}, {"Speed": 4.0}]


def test_a_gap_is_filled_where_the_object_was_going_to_be() -> None:
    walker = made(key(1, box(0)), key(300, box(299)), context=LONG)
    gone = apply(edit("set_presence", present=False, first=100, last=150), walker, LONG)

    back = apply(edit("set_presence", present=True, first=100, last=150), gone, LONG)
    part = apply(edit("set_presence", present=True, first=120, last=130), gone, LONG)

    assert all(seen(back, frame) == seen(walker, frame) for frame in range(301))
    assert visible_spans(part.keyframes) == ((1, 99), (120, 130), (151, FOREVER))
    assert seen(part, 125) == seen(walker, 125)


def test_an_object_that_was_there_earlier_begins_with_its_first_shape() -> None:
    car = made(key(10, box(5), attributes={"Speed": 3.0}), key(20))

    after = apply(edit("set_presence", present=True, first=2, last=4), car, CONTEXT)

    assert visible_spans(after.keyframes) == ((2, 4), (10, FOREVER))
    assert seen(after, 2) == ((5, 0, 15, 10), False, {"Speed": 3.0})


def test_all_frames_are_meant_where_none_is_named() -> None:
    car = made(key(10), key(20, outside=True), key(30))

    after = apply(edit("set_presence", present=True), car, CONTEXT)

    assert visible_spans(after.keyframes) == ((0, FOREVER),)


def test_an_object_that_would_be_visible_nowhere_is_deleted() -> None:
    car = made(key(10), key(20))

    after = apply(edit("set_presence", present=False), car, CONTEXT)

    assert after == car.model_copy(update={"deleted": True, "revision": 2})


def test_an_absence_to_the_end_needs_no_keyframe_after_it() -> None:
    after = apply(edit("set_presence", present=False, first=50, last=FRAMES - 1), made(key(0), key(80)), CONTEXT)

    assert frames(after) == [0, -50]


def test_a_line_that_is_turned_round_comes_back_as_it_was() -> None:
    line = made(key(0, Line(x1=0, y1=0, x2=10, y2=0)), key(10, Line(x1=10, y1=0, x2=0, y2=0)))

    after = apply(edit("set_presence", present=False, first=2, last=4), line, CONTEXT)

    assert after.keyframes[2].geometry == Line(x1=0, y1=0, x2=10, y2=0)


def test_keypoints_move_on_where_a_keyframe_is_made() -> None:
    nose, there = (Keypoint(name="nose", x=x, y=0) for x in (0, 10))
    face = made(key(0, keypoints=[nose]), key(10, keypoints=[there]))

    after = apply(edit("set_presence", present=False, first=5, last=5), face, CONTEXT)

    assert [one.keypoints[0].x for one in after.keyframes] == [0, 5, 6, 10]


@pytest.mark.parametrize("verb", ["set_presence", "set_occlusion"])
@pytest.mark.parametrize(
    ("first", "last", "reason"), [(5, 4, "frame_range_reversed"), (5, FRAMES, "frame_outside_medium")]
)
def test_frames_that_are_not_there_are_refused(verb: str, first: int, last: int, reason: str) -> None:
    said: dict[str, Any] = {"present": False} if verb == "set_presence" else {"occluded": True}

    with pytest.raises(EditRefused, match=reason):
        apply(edit(verb, first=first, last=last, **said), made(key(0)), CONTEXT)


def test_an_occlusion_holds_on_its_frames_alone() -> None:
    car = made(key(0), key(10, box(10)), key(20, box(20), occluded=True), key(30, box(30)))

    after = apply(edit("set_occlusion", occluded=True, first=5, last=15), car, CONTEXT)
    clear = apply(edit("set_occlusion", occluded=False, first=22, last=50), car, CONTEXT)

    assert [frame for frame in range(40) if shape_at(after.keyframes, frame) and _occluded(after, frame)] == [
        *range(5, 16),
        *range(20, 30),
    ]
    assert [frame for frame in range(40) if _occluded(clear, frame)] == [20, 21]


def _occluded(state: ObjectState, frame: int) -> bool:
    found = seen(state, frame)
    return found is not None and found[1]


def test_nothing_hides_what_is_not_there_or_is_everywhere() -> None:
    with pytest.raises(EditRefused, match="not_visible_in_range"):
        apply(edit("set_occlusion", occluded=True, first=0, last=9), made(key(10)), CONTEXT)
    with pytest.raises(EditRefused, match="label_cannot_be_occluded"):
        apply(edit("set_occlusion", occluded=True), made(key(0, shape("label"))), CONTEXT)


def test_what_a_person_says_of_a_generated_keyframe_is_the_persons() -> None:
    track = made(*(key(frame, source="quick") for frame in range(5)))

    by_person = apply(edit("set_occlusion", occluded=True, first=2, last=2), track, CONTEXT)
    by_run = apply(edit("set_occlusion", occluded=True, first=2, last=2), track, RUN)

    assert sources(by_person) == ["quick", "quick", "manual", "quick", "quick"]
    assert sources(by_run) == ["quick", "quick", "model", "quick", "quick"]


def random_track(rng: random.Random) -> list[Keyframe]:
    numbers = sorted(rng.sample(range(30), rng.randint(1, 6)))
    keyframes = [
        key(
            frame,
            box(rng.randint(0, 50)),
            outside=rng.random() < 0.4,
            occluded=rng.random() < 0.4,
            attributes={"a": float(frame)} if rng.random() < 0.4 else {},
        )
        for frame in numbers
    ]
    return keyframes if any(not one.outside for one in keyframes) else [key(numbers[0])]


@pytest.mark.parametrize("seed", range(80))
def test_frames_that_are_not_named_show_what_they_showed(seed: int) -> None:
    rng = random.Random(seed)
    track = made(*random_track(rng))
    first, last = sorted(rng.choices(range(32), k=2))
    said = rng.random() < 0.5
    change: Edit = edit("set_presence", present=said, first=first, last=last)

    after = apply(change, track, CONTEXT)

    if after.deleted:
        assert not said
        assert all(seen(track, frame) is None for frame in range(35) if not first <= frame <= last)
        return
    assert all(seen(after, frame) == seen(track, frame) for frame in range(35) if not first <= frame <= last)
    assert all((seen(after, frame) is not None) == said for frame in range(first, last + 1))


@pytest.mark.parametrize("seed", range(40))
def test_an_occlusion_moves_no_shape(seed: int) -> None:
    rng = random.Random(seed)
    track = made(*random_track(rng))
    first, last = sorted(rng.choices(range(32), k=2))
    said = rng.random() < 0.5
    try:
        after = apply(edit("set_occlusion", occluded=said, first=first, last=last), track, CONTEXT)
    except EditRefused:
        assert all(seen(track, frame) is None for frame in range(first, last + 1))
        return

    for frame in range(35):
        was, found = seen(track, frame), seen(after, frame)
        assert (was and (was[0], was[2])) == (found and (found[0], found[2]))
        if was and found:
            assert found[1] == (said if first <= frame <= last else was[1])
