from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inference.domain.reduction import Run, keyframes_of, smoothed, tolerances, without_gaps


def test_even_motion_needs_two_keyframes() -> None:
    run = _run([[frame, 2 * frame, frame + 50, 2 * frame + 80] for frame in range(500)])
    assert keyframes_of(run, np.full(500, 0.01)).tolist() == [0, 499]


def test_a_turn_needs_a_third() -> None:
    run = _run([[abs(frame - 30), 0, 100, 100] for frame in range(61)])
    assert keyframes_of(run, np.full(61, 0.01)).tolist() == [0, 30, 60]


def test_a_picture_has_one_keyframe() -> None:
    assert keyframes_of(_run([[0, 0, 10, 10]]), np.ones(1)).tolist() == [0]


def test_a_jump_is_kept() -> None:
    run = _run([[0 if frame < 10 else 90, 0, 100, 100] for frame in range(20)])
    assert keyframes_of(run, np.ones(20)).tolist() == [0, 9, 10, 19]


@st.composite
def runs(draw: st.DrawFn) -> Run:
    steps = draw(st.lists(st.integers(1, 4), min_size=0, max_size=120))
    frames = np.cumsum([draw(st.integers(0, 10_000)), *steps])
    random = np.random.default_rng(draw(st.integers(0, 10_000)))
    walk = np.cumsum(random.normal(0, draw(st.floats(0, 5)), (len(frames), 4)), axis=0)
    return Run(frames, walk + np.array([0, 0, 50, 50]), np.ones(len(frames)))


@given(runs(), st.floats(0.01, 20))
def test_no_frame_is_further_off_than_the_tolerance(run: Run, tolerance: float) -> None:
    chosen = keyframes_of(run, np.full(len(run.frames), tolerance))
    assert (chosen[0], chosen[-1]) == (0, len(run.frames) - 1)
    assert _error(run, chosen).max() <= tolerance * (1 + 1e-9) + 1e-9


@settings(max_examples=30, deadline=None)
@given(runs(), st.floats(0.5, 20))
def test_no_smaller_choice_would_do(run: Run, tolerance: float) -> None:
    count = len(run.frames)
    fewest = [0, *[count] * (count - 1)]
    for to in range(1, count):
        for start in range(to):
            if fewest[start] + 1 < fewest[to] and _straight(run, start, to, tolerance):
                fewest[to] = fewest[start] + 1
    assert len(keyframes_of(run, np.full(count, tolerance))) == fewest[-1] + 1


def test_gaps_cut_a_track_and_short_ones_do_not() -> None:
    frames = np.array([0, 1, 2, 13, 14, 26, 27])
    track = Run(frames, np.zeros((7, 4)), np.zeros(7))
    assert [run.frames.tolist() for run in without_gaps(track, longest_gap=10)] == [[0, 1, 2, 13, 14], [26, 27]]


def test_smoothing_leaves_even_motion_and_both_ends_alone() -> None:
    even = _run([[3 * frame, frame, 3 * frame + 10, frame + 20] for frame in range(30)])
    assert smoothed(even, 3).boxes_xyxy == pytest.approx(even.boxes_xyxy)
    noisy = _run(np.random.default_rng(1).normal(0, 5, (30, 4)).tolist())
    calm = smoothed(noisy, 3)
    assert calm.boxes_xyxy[[0, -1]] == pytest.approx(noisy.boxes_xyxy[[0, -1]])
    assert calm.boxes_xyxy.std() < 0.6 * noisy.boxes_xyxy.std()


def test_nothing_is_averaged_across_a_missed_frame() -> None:
    frames = np.array([0, 1, 2, 5, 6, 7])
    run = Run(frames, np.array([[frame**2] * 4 for frame in frames], np.float64), np.ones(6))
    assert smoothed(run, 1).boxes_xyxy[[2, 3]] == pytest.approx(run.boxes_xyxy[[2, 3]])


def test_tolerance_grows_with_the_box() -> None:
    assert tolerances(np.array([[0, 0, 20, 20], [0, 0, 50, 400.0]])).tolist() == [1.5, 8.0]


def _run(boxes: list) -> Run:
    return Run(np.arange(len(boxes)), np.array(boxes, np.float64), np.ones(len(boxes)))


def _error(run: Run, chosen: np.ndarray) -> np.ndarray:
    back = [np.interp(run.frames, run.frames[chosen], run.boxes_xyxy[chosen, side]) for side in range(4)]
    return np.abs(np.stack(back, axis=1) - run.boxes_xyxy)


def _straight(run: Run, start: int, to: int, tolerance: float) -> bool:
    part = Run(*(array[start : to + 1] for array in (run.frames, run.boxes_xyxy, run.scores)))
    return bool(_error(part, np.array([0, to - start])).max() <= tolerance + 1e-12)


def test_pairs_of_keyframes_ascend() -> None:
    run = _run(np.random.default_rng(3).normal(0, 20, (200, 4)).tolist())
    assert all(left < right for left, right in pairwise(keyframes_of(run, np.ones(200)).tolist()))
