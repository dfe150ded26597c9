"""Keyframe reduction: the fewest keyframes within a tolerance."""

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from common.contract.labels import Keyframe
from common.geometry.boxes import corners
from common.geometry.shapes import interpolate_shapes, shape_at
from common.geometry.simplify import fewest_indices, reduce_keyframes
from common.geometry.types import Bitmap, Box, Geometry, ImageTag, Keypoint, Part, Points, Polygon, Skeleton
from common.geometry.vectors import from_vector, to_vector

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def boxes(rows: list[list[float]]) -> tuple[Ints, Floats]:
    return np.arange(len(rows)), np.array(rows, np.float64)


def test_even_motion_needs_two_rows() -> None:
    run = boxes([[frame, 2 * frame, frame + 50, 2 * frame + 80] for frame in range(500)])
    assert fewest_indices(*run, np.full(500, 0.01)).tolist() == [0, 499]


def test_a_turn_needs_a_third_row() -> None:
    run = boxes([[abs(frame - 30), 0, 100, 100] for frame in range(61)])
    assert fewest_indices(*run, np.full(61, 0.01)).tolist() == [0, 30, 60]


def test_a_single_row_is_kept() -> None:
    assert fewest_indices(*boxes([[0, 0, 10, 10]]), np.ones(1)).tolist() == [0]


def test_a_jump_is_kept() -> None:
    run = boxes([[0 if frame < 10 else 90, 0, 100, 100] for frame in range(20)])
    assert fewest_indices(*run, np.ones(20)).tolist() == [0, 9, 10, 19]


def test_angles_are_continuous_with_steps_below_half_a_turn() -> None:
    frames, angles = np.arange(73), np.array([[10.0 * frame % 360] for frame in range(73)])

    chosen = fewest_indices(frames, angles, np.full(73, 0.01), np.array([0]))

    assert max(np.diff(chosen)) == 17
    assert len(chosen) == 6


@st.composite
def runs(draw: st.DrawFn) -> tuple[Ints, Floats]:
    steps = draw(st.lists(st.integers(1, 4), min_size=0, max_size=120))
    frames = np.cumsum([draw(st.integers(0, 10_000)), *steps])
    random = np.random.default_rng(draw(st.integers(0, 10_000)))
    walk = np.cumsum(random.normal(0, draw(st.floats(0, 5)), (len(frames), 4)), axis=0)
    return frames, walk + np.array([0, 0, 50, 50])


@given(runs(), st.floats(0.01, 20))
def test_all_rows_are_within_the_tolerance(run: tuple[Ints, Floats], tolerance: float) -> None:
    chosen = fewest_indices(*run, np.full(len(run[0]), tolerance))

    assert (chosen[0], chosen[-1]) == (0, len(run[0]) - 1)
    assert all(left < right for left, right in pairwise(chosen.tolist()))
    assert error(*run, chosen).max() <= tolerance * (1 + 1e-9) + 1e-9


@given(runs(), st.floats(0.5, 20))
def test_the_selection_is_minimal(run: tuple[Ints, Floats], tolerance: float) -> None:
    frames, rows = run
    count = len(frames)
    least = [0, *[count] * (count - 1)]
    for to in range(1, count):
        for start in range(to):
            part = frames[start : to + 1], rows[start : to + 1]
            if least[start] + 1 < least[to] and error(*part, np.array([0, to - start])).max() <= tolerance + 1e-12:
                least[to] = least[start] + 1

    assert len(fewest_indices(frames, rows, np.full(count, tolerance))) == least[-1] + 1


def error(frames: Ints, rows: Floats, chosen: Ints) -> Floats:
    back = [np.interp(frames, frames[chosen], rows[chosen, column]) for column in range(rows.shape[1])]
    return np.abs(np.stack(back, axis=1) - rows)


# ---- keyframes ----

RING = [(0.0, 0.0), (60.0, 0.0), (60.0, 40.0), (20.0, 50.0)]
STARTS: dict[str, dict[str, Any]] = {
    "bbox": {"x1": 0, "y1": 0, "x2": 60, "y2": 40, "rotation": 340},
    "circle": {"cx": 50, "cy": 50, "r": 30},
    "ellipse": {"cx": 50, "cy": 50, "rx": 40, "ry": 20, "rotation": 340},
    "line": {"x1": 0, "y1": 0, "x2": 60, "y2": 40},
    "polyline": {"points": RING},
    "polygon": {"parts": [{"outer": RING, "holes": [[(20, 20), (40, 20), (30, 30)]]}]},
    "points": {"points": [(5, 5)]},
    "skeleton": {"keypoints": [{"name": "nose", "x": 5, "y": 5}, {"name": "tail", "x": 50, "y": 5}]},
    "cuboid": {"points": [*RING, *((x + 9, y - 9) for x, y in RING)]},
    "rpy": {"x": 5, "y": 5, "angles": {"yaw": 170}},
}


def keyframe(frame: int, geometry: dict[str, Any] | Geometry, **more: Any) -> Keyframe:
    return Keyframe.model_validate({"frame": frame, "geometry": geometry, **more})


@st.composite
def tracks(draw: st.DrawFn) -> list[Keyframe]:
    """A track of any kind with random motion."""
    kind = draw(st.sampled_from(sorted(STARTS)))
    first = keyframe(0, {"kind": kind, **STARTS[kind]}).geometry
    random = np.random.default_rng(draw(st.integers(0, 10_000)))
    count, speed = draw(st.integers(1, 60)), draw(st.floats(0, 3))
    together = random.normal(0, speed, (count, 1)) + random.normal(0, speed / 5, (count, len(to_vector(first))))
    rows = np.array(to_vector(first)) + np.cumsum(together, axis=0)
    frames = np.cumsum(random.integers(1, 4, count)).tolist()
    return [keyframe(frame, from_vector(row, first)) for frame, row in zip(frames, rows.round(3).tolist(), strict=True)]


@given(tracks(), st.floats(0.05, 10))
def test_reduced_shapes_stay_within_the_tolerance_on_every_frame(track: list[Keyframe], tolerance: float) -> None:
    found = reduce_keyframes(track, tolerance)

    assert found[0] == track[0]
    assert found[-1] == track[-1]
    assert set(map(id, found)) <= set(map(id, track))
    every = track[0].frame, track[-1].frame
    for before, after in zip(interpolate_shapes(track, *every), interpolate_shapes(found, *every), strict=True):
        assert off(before.geometry, after.geometry) <= tolerance + 1e-6


def off(before: Geometry, after: Geometry) -> float:
    """The largest deviation that the tolerance limits, in pixels."""
    rows = np.array(to_vector(before)), np.array(to_vector(after))
    gone = np.abs(rows[1] - rows[0])
    match before.kind:
        case "bbox" if before.rotation == after.rotation:  # type: ignore[union-attr]
            return float(gone.max())
        case "bbox":
            return float(np.hypot(*(np.array(corners(after)) - corners(before)).T).max())  # type: ignore[arg-type]
        case "circle":
            return float(np.hypot(gone[0], gone[1]) + gone[2])
        case "ellipse":
            turn = np.radians(min(gone[4], 360 - gone[4]))
            return float(np.hypot(gone[0], gone[1]) + max(gone[2:4]) + turn * max(rows[0][2:4]))
        case "rpy":
            return float(max(np.hypot(gone[0], gone[1]), *np.minimum(gone[2:], 360 - gone[2:])))
        case _:
            return float(np.hypot(gone[::2], gone[1::2]).max())


def test_static_and_dense_tracks_are_reduced() -> None:
    still = [keyframe(frame, {"kind": "polygon", **STARTS["polygon"]}) for frame in range(50)]
    swing = [keyframe(frame, Box(x1=50 * np.sin(frame / 40), y1=0, x2=100, y2=80)) for frame in range(200)]

    assert [one.frame for one in reduce_keyframes(still, 0.5)] == [0, 49]
    assert len(reduce_keyframes(swing, 1.5)) < 14


def box(frame: int, **more: Any) -> Keyframe:
    return keyframe(frame, Box(x1=frame, y1=0, x2=frame + 10, y2=10), **more)


def test_keyframes_with_other_changes_are_kept() -> None:
    track = [box(frame) for frame in range(40)]
    track[5] = box(5, occluded=True)
    track[12:15] = [box(frame, outside=True) for frame in range(12, 15)]
    track[25] = box(25, attributes={"light": "red"})

    assert [one.frame for one in reduce_keyframes(track, 5)] == [0, 5, 6, 12, 15, 25, 39]


def test_keyframes_with_changed_keypoints_are_kept() -> None:
    def key(frame: int, x: float, *, visible: bool = True) -> Keyframe:
        return box(frame, keypoints=[Keypoint(name="lamp", x=x, y=0, visible=visible)], rpy={"yaw": frame})

    track = [key(frame, frame + (30 if frame > 10 else 0), visible=frame < 20) for frame in range(30)]

    assert [one.frame for one in reduce_keyframes(track, 2)] == [0, 10, 11, 20, 29]
    assert [one.frame for one in reduce_keyframes([box(f, rpy={"yaw": abs(f - 10) * 9}) for f in range(21)], 2)] == [
        0,
        10,
        20,
    ]
    assert [one.frame for one in reduce_keyframes([box(0), *(box(f, rpy={"yaw": 1}) for f in range(1, 9))], 2)] == [
        0,
        1,
        8,
    ]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (Bitmap(x=0, y=0, width=2, height=1, runs=[0, 2]), Bitmap(x=0, y=0, width=2, height=1, runs=[1, 1])),
        (Points(points=[(0, 0), (1, 1)]), Points(points=[(0, 0), (1, 2)])),
        (Skeleton(keypoints=[Keypoint(name="a", x=0, y=0)]), Skeleton(keypoints=[Keypoint(name="b", x=0, y=0)])),
    ],
)
def test_constant_shapes_keep_only_changes(one: Geometry, other: Geometry) -> None:
    track = [keyframe(frame, other if 4 <= frame < 7 else one) for frame in range(10)]

    found = reduce_keyframes(track, 100)

    expected = [0, 3, 4, 6, 7, 9] if isinstance(one, Skeleton) else [0, 4, 7, 9]
    assert [keyframe.frame for keyframe in found] == expected
    assert all(shape_at(found, frame) is not None for frame in range(10))
    assert [keyframe.frame for keyframe in reduce_keyframes([keyframe_of_whole(f) for f in range(5)], 1)] == [0, 4]


def keyframe_of_whole(frame: int) -> Keyframe:
    return keyframe(frame, ImageTag())


def test_redrawn_contours_keep_both_keyframes() -> None:
    anew = [*RING[2:], *RING[:2]]
    more = [*RING, (5.0, 30.0)]
    rings = [*[RING] * 5, *[anew] * 5, *[more] * 5]
    track = [keyframe(frame, Polygon(parts=[Part(outer=ring)])) for frame, ring in enumerate(rings)]

    assert [one.frame for one in reduce_keyframes(track, 1)] == [0, 4, 5, 9, 10, 14]
