import numpy as np
import pytest

from inference.domain.track_segment import TrackSegment, smooth, split_at_gaps, tolerances


def test_gaps_cut_a_track_and_short_ones_do_not() -> None:
    frames = np.array([0, 1, 2, 13, 14, 26, 27])
    track = TrackSegment(frames, np.zeros((7, 4)), np.zeros(7))
    assert [segment.frames.tolist() for segment in split_at_gaps(track, longest_gap=10)] == [
        [0, 1, 2, 13, 14],
        [26, 27],
    ]


def test_smoothing_leaves_even_motion_and_both_ends_alone() -> None:
    even = _run([[3 * frame, frame, 3 * frame + 10, frame + 20] for frame in range(30)])
    assert smooth(even, 3).boxes_xyxy == pytest.approx(even.boxes_xyxy)
    noisy = _run(np.random.default_rng(1).normal(0, 5, (30, 4)).tolist())
    calm = smooth(noisy, 3)
    assert calm.boxes_xyxy[[0, -1]] == pytest.approx(noisy.boxes_xyxy[[0, -1]])
    assert calm.boxes_xyxy.std() < 0.6 * noisy.boxes_xyxy.std()


def test_nothing_is_averaged_across_a_missed_frame() -> None:
    frames = np.array([0, 1, 2, 5, 6, 7])
    run = TrackSegment(frames, np.array([[frame**2] * 4 for frame in frames], np.float64), np.ones(6))
    assert smooth(run, 1).boxes_xyxy[[2, 3]] == pytest.approx(run.boxes_xyxy[[2, 3]])


def test_tolerance_grows_with_the_box() -> None:
    assert tolerances(np.array([[0, 0, 20, 20], [0, 0, 50, 400.0]])).tolist() == [1.5, 8.0]


def _run(boxes: list[list[float]]) -> TrackSegment:
    return TrackSegment(np.arange(len(boxes)), np.array(boxes, np.float64), np.ones(len(boxes)))
