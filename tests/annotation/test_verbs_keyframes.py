"""Keyframes: put, remove, propagate, move, scale, shift, generate."""

import math
from typing import Any

import pytest

from annotation.domain.edit import apply
from annotation.domain.errors import EditRefused
from annotation.domain.invariants import MAX_KEYFRAMES
from annotation.domain.tracks import visible_spans
from common.contract.edits import Edit
from common.contract.labels import ObjectState
from common.geometry.bounds import bounds
from common.geometry.masks import bitmap_area
from common.geometry.shapes import geometry_at, shape_at
from common.geometry.types import Bitmap, Box, Circle, Ellipse, ImageTag, Keypoint
from tests.annotation.builders import (
    CONTEXT,
    FRAMES,
    KINDS,
    RUN,
    box,
    edit,
    frames,
    key,
    made,
    on_picture,
    shape,
)


def lefts(state: ObjectState) -> list[float]:
    return [box_of(one.geometry)[0] for one in state.keyframes]


def box_of(geometry: Any) -> tuple[float, float, float, float]:
    found = bounds(geometry)
    assert found is not None
    return tuple(round(number, 6) for number in found)  # type: ignore[return-value]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (edit("put_keyframe", keyframe=key(15, box(7))), [10, 15, 20]),
        (edit("put_keyframe", keyframe=key(10, box(7))), [10, 20]),
        (edit("put_keyframe", keyframe=key(0)), [0, 10, 20]),
        (edit("put_keyframe", keyframe=key(99, outside=True)), [10, 20, -99]),
        (edit("remove_keyframe", frame=20), [10]),
    ],
)
def test_keyframes_stay_sorted(change: Edit, expected: list[int]) -> None:
    assert frames(apply(change, made(), CONTEXT)) == expected


def test_a_keyframe_on_the_same_frame_is_replaced() -> None:
    assert lefts(apply(edit("put_keyframe", keyframe=key(10, box(7))), made(), CONTEXT)) == [7, 50]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (edit("put_keyframe", keyframe=key(FRAMES)), "frame_outside_medium"),
        (edit("put_keyframe", keyframe=key(10, box(size=0))), "box_too_small"),
        (edit("put_keyframe", keyframe=key(10, shape("circle"))), "annotation_type_mismatch"),
        (edit("remove_keyframe", frame=15), "keyframe_not_found"),
        (edit("propagate", frame=5, to=8), "not_visible_on_frame"),
        (edit("propagate", frame=10, to=10), "propagation_to_same_frame"),
        (edit("propagate", frame=10, to=FRAMES), "frame_outside_medium"),
        (edit("move", dx=1, dy=1, first=30, last=40), "no_keyframe_in_range"),
        (edit("move", dx=1e6, dy=0), "coordinate_out_of_range"),
        (edit("scale", factor_x=0.05, factor_y=1), "box_too_small"),
        (edit("shift", frames=80), "shift_outside_medium"),
        (edit("shift", frames=-11), "shift_outside_medium"),
        (edit("put_generated", first=0, last=9, keyframes=[key(10, source="quick")]), "frame_outside_range"),
        (edit("put_generated", first=0, last=9, keyframes=[key(9)]), "keyframe_not_generated"),
        (edit("put_generated", first=9, last=0, keyframes=[]), "frame_range_reversed"),
    ],
)
def test_edits_that_break_an_invariant_are_refused(change: Edit, reason: str) -> None:
    with pytest.raises(EditRefused, match=reason):
        apply(change, made(), CONTEXT)


def test_the_last_keyframe_cannot_be_removed() -> None:
    with pytest.raises(EditRefused, match="last_keyframe"):
        apply(edit("remove_keyframe", frame=10), made(key(10)), CONTEXT)


def test_the_last_visible_keyframe_stays_visible() -> None:
    hidden = made(key(10), key(20, outside=True))

    with pytest.raises(EditRefused, match="no_visible_keyframe"):
        apply(edit("remove_keyframe", frame=10), hidden, CONTEXT)
    with pytest.raises(EditRefused, match="no_visible_keyframe"):
        apply(edit("put_keyframe", keyframe=key(10, outside=True)), hidden, CONTEXT)


def test_the_number_of_keyframes_is_limited() -> None:
    many = [key(frame) for frame in range(MAX_KEYFRAMES)]
    full = made().model_copy(update={"keyframes": many})
    longer = CONTEXT.__class__("p", "m", CONTEXT.medium.__class__(MAX_KEYFRAMES + 1), "ada")

    assert apply(edit("put_keyframe", keyframe=key(5, box(3))), full, longer)
    with pytest.raises(EditRefused, match="at most 20000 keyframes"):
        apply(edit("put_keyframe", keyframe=key(MAX_KEYFRAMES)), full, longer)


@pytest.mark.parametrize(
    ("frame", "to", "expected", "at"),
    [
        (10, 30, [10, 30, 40], [0, 0, 90]),
        (25, 30, [10, 20, 25, 30, 40], [0, 30, 45, 45, 90]),
        (40, 15, [10, 15, 40], [0, 90, 90]),
        (10, 2, [2, 10, 20, 40], [0, 0, 30, 90]),
        (40, 60, [10, 20, 40, 60], [0, 30, 90, 90]),
    ],
)
def test_a_shape_is_propagated_to_another_frame(frame: int, to: int, expected: list[int], at: list[float]) -> None:
    car = made(key(10, box(0)), key(20, box(30)), key(40, box(90)))

    after = apply(edit("propagate", frame=frame, to=to), car, CONTEXT)

    assert (frames(after), lefts(after)) == (expected, at)


def test_a_shape_propagated_into_a_gap_ends_there() -> None:
    car = made(key(10), key(20, outside=True), key(40, box(50)))

    after = apply(edit("propagate", frame=15, to=25), car, CONTEXT)
    early = apply(edit("propagate", frame=40, to=30), car, CONTEXT)

    assert frames(after) == [10, 15, 25, -26, 40]
    assert visible_spans(early.keyframes)[:2] == ((10, 19), (30, 99_999_999))


def test_propagation_to_earlier_frames_keeps_earlier_attributes() -> None:
    car = made(key(10, attributes={"Speed": 1.0}), key(20, attributes={"Side": "left"}), key(40))

    after = apply(edit("propagate", frame=40, to=15), car, CONTEXT)

    assert after.keyframes[1].attributes == {"Speed": 1.0, "Side": "left"}


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "label"])
def test_every_shape_can_be_moved_and_scaled(kind: str) -> None:
    one = made(key(10, shape(kind)), key(20, shape(kind, 40)), key(30, shape(kind, 60)))

    moved = apply(edit("move", dx=5, dy=7, first=15, last=30), one, CONTEXT)
    grown = apply(edit("scale", factor_x=2, factor_y=2), one, CONTEXT)

    assert moved.keyframes[0] == one.keyframes[0]
    x1, y1, x2, y2 = box_of(one.keyframes[1].geometry)
    assert box_of(moved.keyframes[1].geometry) == (x1 + 5, y1 + 7, x2 + 5, y2 + 7)
    wide = box_of(grown.keyframes[1].geometry)
    assert (wide[2] - wide[0], wide[3] - wide[1]) == pytest.approx((2 * (x2 - x1), 2 * (y2 - y1)), abs=1e-5)
    assert ((wide[0] + wide[2]) / 2) == pytest.approx((x1 + x2) / 2, abs=0.5 if kind == "bitmap" else 1e-5)


def test_shapes_are_scaled_about_a_point() -> None:
    car = made(key(10, box(10), keypoints=[Keypoint(name="nose", x=12, y=4)]))

    after = apply(edit("scale", factor_x=2, factor_y=3, about=(10, 0)), car, CONTEXT).keyframes[0]

    assert after.geometry == Box(x1=10, y1=0, x2=30, y2=30)
    assert [(point.x, point.y) for point in after.keypoints] == [(14, 12)]


def test_keypoints_move_with_the_shape() -> None:
    car = made(key(10, keypoints=[Keypoint(name="nose", x=12, y=4)]))

    after = apply(edit("move", dx=1, dy=2), car, CONTEXT).keyframes[0]

    assert [(point.x, point.y) for point in after.keypoints] == [(13, 6)]


def test_round_and_rotated_shapes_keep_their_kind_and_area() -> None:
    circle = apply(edit("scale", factor_x=4, factor_y=1), made(key(0, shape("circle"))), CONTEXT).keyframes[0].geometry
    turned = apply(edit("scale", factor_x=2, factor_y=1), made(key(0, box(rotation=90))), CONTEXT).keyframes[0].geometry
    oval = apply(edit("scale", factor_x=2, factor_y=1), made(key(0, shape("ellipse"))), CONTEXT).keyframes[0].geometry

    assert isinstance(circle, Circle)
    assert circle.r == 10
    assert isinstance(turned, Box)
    assert (turned.x2 - turned.x1, turned.y2 - turned.y1) == pytest.approx((10, 20))
    assert isinstance(oval, Ellipse)
    assert oval.rx * oval.ry == pytest.approx(30)


def test_a_bitmap_is_scaled_by_pixels() -> None:
    mask = made(key(0, shape("bitmap")))

    grown = apply(edit("scale", factor_x=2, factor_y=2, about=(0, 0)), mask, CONTEXT).keyframes[0].geometry

    assert isinstance(grown, Bitmap)
    assert bitmap_area(grown) == 4 * 4
    with pytest.raises(EditRefused, match="at most 20000"):
        apply(edit("scale", factor_x=1000, factor_y=1000), made(key(0, Bitmap(x=0, y=0, width=30, height=1, runs=[0, 30]))), CONTEXT)  # fmt: skip  # noqa: E501


def test_shapes_moved_beyond_the_image_are_clipped_or_refused() -> None:
    car = made(key(0, box(50)))

    cut = apply(edit("move", dx=45, dy=0), car, on_picture("clamp"))

    assert cut.keyframes[0].geometry == Box(x1=95, y1=0, x2=100, y2=10)
    with pytest.raises(EditRefused, match="shape_outside_image"):
        apply(edit("move", dx=45, dy=0), car, on_picture("refuse"))
    with pytest.raises(EditRefused, match="shape_off_image"):
        apply(edit("scale", factor_x=1, factor_y=1, about=(0, 0)), made(key(0, box(500))), on_picture("clamp"))


@pytest.mark.parametrize("verb", ["move", "scale"])
def test_a_file_label_cannot_be_moved(verb: str) -> None:
    how: dict[str, Any] = {"dx": 1, "dy": 1} if verb == "move" else {"factor_x": 2, "factor_y": 2}

    with pytest.raises(EditRefused, match="label_has_no_shape"):
        apply(edit(verb, **how), made(key(0, ImageTag())), CONTEXT)


def test_keyframes_moved_by_a_person_become_manual() -> None:
    track = made(key(0, source="quick"), key(9, source="model"))

    by_person = apply(edit("move", dx=1, dy=0), track, CONTEXT)
    by_run = apply(edit("move", dx=1, dy=0), track, RUN)

    assert [one.source for one in by_person.keyframes] == ["manual", "manual"]
    assert [one.source for one in by_run.keyframes] == ["model", "model"]


def test_a_shifted_object_keeps_its_behaviours() -> None:
    car = made(behaviors=[{"id": "b", "name": "Turn", "first": 12, "last": 15}])

    after = apply(edit("shift", frames=-10), car, CONTEXT)

    assert frames(after) == [0, 10]
    assert (after.behaviors[0].first, after.behaviors[0].last) == (2, 5)


def test_a_shifted_behaviour_must_stay_in_the_medium() -> None:
    early = made(key(50), behaviors=[{"id": "b", "name": "Turn", "first": 0, "last": 90}])

    for by in (-1, 10):
        with pytest.raises(EditRefused, match=r"(behavior_before_medium|frame_outside_medium)"):
            apply(edit("shift", frames=by), early, CONTEXT)


def test_generated_keyframes_only_replace_generated_ones() -> None:
    track = made(key(0), *(key(frame, box(frame), source="quick") for frame in (2, 4, 6, 12)), key(10, box(10)))
    found = [key(frame, box(50), source="quick") for frame in (0, 3, 5, 10)]

    after = apply(edit("put_generated", first=0, last=10, keyframes=found), track, CONTEXT)

    assert [(one.frame, one.source) for one in after.keyframes] == [
        (0, "manual"), (3, "quick"), (5, "quick"), (10, "manual"), (12, "quick"),
    ]  # fmt: skip
    assert lefts(after) == [0, 50, 50, 10, 12]


def test_generated_keyframes_keep_manual_gaps() -> None:
    walker = made(key(0), key(30))
    gone = apply(edit("set_presence", present=False, first=10, last=15), walker, CONTEXT)
    found = [key(frame, box(50), source="quick") for frame in range(31)]

    after = apply(edit("put_generated", first=0, last=30, keyframes=found), gone, CONTEXT)

    assert visible_spans(after.keyframes) == ((0, 9), (16, 99_999_999))


def test_all_generated_keyframes_can_be_removed_but_not_the_object() -> None:
    track = made(key(0), key(4, source="quick"))
    only = made(key(4, source="quick"))

    assert frames(apply(edit("put_generated", first=0, last=9, keyframes=[]), track, CONTEXT)) == [0]
    with pytest.raises(EditRefused, match="no_visible_keyframe"):
        apply(edit("put_generated", first=0, last=9, keyframes=[]), only, CONTEXT)


def test_redundant_keyframes_are_removed() -> None:
    track = made(*(key(frame, box(2 * frame), occluded=frame in (6, 7)) for frame in range(20)))

    few = apply(edit("reduce", tolerance=0.5), track, CONTEXT)
    part = apply(edit("reduce", tolerance=0.5, first=10, last=15), track, CONTEXT)

    assert frames(few) == [0, 6, 8, 19]
    assert frames(part) == [*range(11), *range(15, 20)]
    for frame in range(25):
        assert shape_at(few.keyframes, frame) is not None
        assert box_of(geometry_at(few.keyframes, frame)) == box_of(geometry_at(track.keyframes, frame))


def test_reduction_keeps_gaps() -> None:
    track = made(*(key(frame, box(frame), outside=5 <= frame < 8) for frame in range(20)))

    few = apply(edit("reduce", tolerance=0.5), track, CONTEXT)

    assert visible_spans(few.keyframes) == visible_spans(track.keyframes)
    with pytest.raises(EditRefused, match="no_keyframe_in_range"):
        apply(edit("reduce", tolerance=1, first=50, last=60), track, CONTEXT)


def test_arithmetic_cannot_create_invalid_numbers() -> None:
    far = made(key(0, box(999_000)))

    with pytest.raises(EditRefused, match="coordinate_out_of_range"):
        apply(edit("scale", factor_x=1000, factor_y=1, about=(0, 0)), far, CONTEXT)
    assert math.isfinite(lefts(far)[0])
