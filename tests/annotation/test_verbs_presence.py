"""Presence and occlusion: an edit of some frames changes no others."""

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
    """Box, occlusion and attributes of an object on a frame."""
    found = shape_at(state.keyframes, frame)
    if found is None:
        return None
    geometry: Any = found.geometry
    numbers = tuple(round(number, 6) for number in (geometry.x1, geometry.y1, geometry.x2, geometry.y2))
    return numbers, state.keyframes[found.keyframe].occluded, attributes_at(state.keyframes, frame)


def sources(state: ObjectState) -> list[str]:
    return [one.source for one in state.keyframes]


def test_an_absence_only_hides_its_frames() -> None:
    walker = made(key(1, box(0)), key(300, box(299)), context=LONG)

    after = apply(edit("set_presence", present=False, first=100, last=150), walker, LONG)

    assert visible_spans(after.keyframes) == ((1, 99), (151, FOREVER))
    assert frames(after) == [1, -100, 151, 300]
    assert seen(after, 151) == seen(walker, 151)
    assert sources(after)[1:3] == ["manual", "manual"]


def test_keyframes_in_an_absence_are_removed_and_their_attributes_kept() -> None:
    car = made(key(0), key(10, box(5), attributes={"Speed": 3.0}), key(20, box(9), attributes={"Speed": 4.0}))

    after = apply(edit("set_presence", present=False, first=5, last=15), car, CONTEXT)

    assert frames(after) == [0, -5, 16, 20]
    assert [one.attributes for one in after.keyframes] == [{}, {}, {"Speed": 3.0}, {"Speed": 4.0}]


def test_a_filled_gap_has_interpolated_shapes() -> None:
    walker = made(key(1, box(0)), key(300, box(299)), context=LONG)
    gone = apply(edit("set_presence", present=False, first=100, last=150), walker, LONG)

    back = apply(edit("set_presence", present=True, first=100, last=150), gone, LONG)
    part = apply(edit("set_presence", present=True, first=120, last=130), gone, LONG)

    assert all(seen(back, frame) == seen(walker, frame) for frame in range(301))
    assert visible_spans(part.keyframes) == ((1, 99), (120, 130), (151, FOREVER))
    assert seen(part, 125) == seen(walker, 125)


def test_an_object_made_visible_earlier_starts_with_its_first_shape() -> None:
    car = made(key(10, box(5), attributes={"Speed": 3.0}), key(20))

    after = apply(edit("set_presence", present=True, first=2, last=4), car, CONTEXT)

    assert visible_spans(after.keyframes) == ((2, 4), (10, FOREVER))
    assert seen(after, 2) == ((5, 0, 15, 10), False, {"Speed": 3.0})


def test_missing_bounds_mean_all_frames() -> None:
    car = made(key(10), key(20, outside=True), key(30))

    after = apply(edit("set_presence", present=True), car, CONTEXT)

    assert visible_spans(after.keyframes) == ((0, FOREVER),)


def test_an_object_without_visible_frames_is_deleted() -> None:
    car = made(key(10), key(20))

    after = apply(edit("set_presence", present=False), car, CONTEXT)

    assert after == car.model_copy(update={"deleted": True, "revision": 2})


def test_an_absence_up_to_the_end_needs_no_keyframe_after_it() -> None:
    after = apply(edit("set_presence", present=False, first=50, last=FRAMES - 1), made(key(0), key(80)), CONTEXT)

    assert frames(after) == [0, -50]


def test_a_reversed_line_is_restored_after_a_gap() -> None:
    line = made(key(0, Line(x1=0, y1=0, x2=10, y2=0)), key(10, Line(x1=10, y1=0, x2=0, y2=0)))

    after = apply(edit("set_presence", present=False, first=2, last=4), line, CONTEXT)

    assert after.keyframes[2].geometry == Line(x1=0, y1=0, x2=10, y2=0)


def test_new_keyframes_have_interpolated_keypoints() -> None:
    nose, there = (Keypoint(name="nose", x=x, y=0) for x in (0, 10))
    face = made(key(0, keypoints=[nose]), key(10, keypoints=[there]))

    after = apply(edit("set_presence", present=False, first=5, last=5), face, CONTEXT)

    assert [one.keypoints[0].x for one in after.keyframes] == [0, 5, 6, 10]


@pytest.mark.parametrize("verb", ["set_presence", "set_occlusion"])
@pytest.mark.parametrize(
    ("first", "last", "reason"), [(5, 4, "frame_range_reversed"), (5, FRAMES, "frame_outside_medium")]
)
def test_frames_outside_the_medium_are_refused(verb: str, first: int, last: int, reason: str) -> None:
    fields: dict[str, Any] = {"present": False} if verb == "set_presence" else {"occluded": True}

    with pytest.raises(EditRefused, match=reason):
        apply(edit(verb, first=first, last=last, **fields), made(key(0)), CONTEXT)


def test_an_occlusion_only_affects_its_frames() -> None:
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


def test_absent_objects_and_file_labels_cannot_be_occluded() -> None:
    with pytest.raises(EditRefused, match="not_visible_in_range"):
        apply(edit("set_occlusion", occluded=True, first=0, last=9), made(key(10)), CONTEXT)
    with pytest.raises(EditRefused, match="label_cannot_be_occluded"):
        apply(edit("set_occlusion", occluded=True), made(key(0, shape("label"))), CONTEXT)


def test_generated_keyframes_changed_by_a_person_become_manual() -> None:
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
def test_shapes_on_other_frames_are_unchanged(seed: int) -> None:
    rng = random.Random(seed)
    track = made(*random_track(rng))
    first, last = sorted(rng.choices(range(32), k=2))
    present = rng.random() < 0.5
    change: Edit = edit("set_presence", present=present, first=first, last=last)

    after = apply(change, track, CONTEXT)

    if after.deleted:
        assert not present
        assert all(seen(track, frame) is None for frame in range(35) if not first <= frame <= last)
        return
    assert all(seen(after, frame) == seen(track, frame) for frame in range(35) if not first <= frame <= last)
    assert all((seen(after, frame) is not None) == present for frame in range(first, last + 1))


@pytest.mark.parametrize("seed", range(40))
def test_an_occlusion_changes_no_shape(seed: int) -> None:
    rng = random.Random(seed)
    track = made(*random_track(rng))
    first, last = sorted(rng.choices(range(32), k=2))
    occluded = rng.random() < 0.5
    try:
        after = apply(edit("set_occlusion", occluded=occluded, first=first, last=last), track, CONTEXT)
    except EditRefused:
        assert all(seen(track, frame) is None for frame in range(first, last + 1))
        return

    for frame in range(35):
        expected, actual = seen(track, frame), seen(after, frame)
        assert (expected and (expected[0], expected[2])) == (actual and (actual[0], actual[2]))
        if expected and actual:
            assert actual[1] == (occluded if first <= frame <= last else expected[1])
