import numpy as np
import pytest

from inference.domain.cxcywh import interpolate_cxcywh, iou_of_cxcywh
from inference.domain.fusion import MAX_BRIDGED_FRAMES, Trajectory, fuse, lost_frames, median_filter, true_ranges

COUNT = 41
FIRST, LAST = np.array([50, 100, 20, 40.0]), np.array([250, 100, 20, 40.0])
EXPECTED = interpolate_cxcywh(FIRST, LAST, COUNT)
SHARE = np.linspace(0, 1, COUNT)


def arc(height: float) -> np.ndarray:
    """Places that leave the straight line by up to `height` pixels and come back to it."""
    boxes_cxcywh = EXPECTED.copy()
    boxes_cxcywh[:, 1] += height * np.sin(np.pi * SHARE)
    return boxes_cxcywh


def trajectory(boxes_cxcywh: np.ndarray, scores: float | np.ndarray = 0.9) -> Trajectory:
    return Trajectory(boxes_cxcywh.copy(), np.broadcast_to(np.asarray(scores, float), (COUNT,)).copy())


def test_agreeing_trajectories_are_averaged_by_nearness_and_score() -> None:
    fused = fuse(EXPECTED, trajectory(arc(60)), trajectory(arc(66)))
    assert fused.boxes_cxcywh[20] == pytest.approx(arc(63)[20])
    assert fused.boxes_cxcywh[2, 1] == pytest.approx(arc(60)[2, 1], abs=0.1)
    assert fused.boxes_cxcywh[38, 1] == pytest.approx(arc(66)[38, 1], abs=0.1)
    fused = fuse(EXPECTED, trajectory(arc(60), 0.6), trajectory(arc(66), 0.9))
    assert fused.boxes_cxcywh[20, 1] == pytest.approx(100 + 0.4 * 60 + 0.6 * 66)


def test_without_a_confident_trajectory_the_expected_one_is_used() -> None:
    fused = fuse(EXPECTED, trajectory(arc(80), 0.2), trajectory(arc(-80), 0.2))
    assert fused.boxes_cxcywh == pytest.approx(EXPECTED)
    assert fused.scores[1:-1].max() == 0
    assert lost_frames(fused).tolist() == [False, *[True] * (COUNT - 2), False]


def test_both_ends_are_exact() -> None:
    fused = fuse(EXPECTED, trajectory(arc(60) + 3), trajectory(arc(60) - 3))
    assert fused.boxes_cxcywh[[0, -1]] == pytest.approx(EXPECTED[[0, -1]])


@pytest.mark.parametrize("strays", ["forward", "backward"])
def test_a_trajectory_that_arrives_outweighs_one_that_strays(strays: str) -> None:
    right = trajectory(arc(60), 0.6)
    wrong = trajectory(EXPECTED + np.array([0, 300, 0, 0]) * SHARE[:, None], 0.9)
    if strays == "backward":
        wrong = Trajectory(EXPECTED + np.array([0, 300, 0, 0]) * (1 - SHARE)[:, None], wrong.scores)
    fused = fuse(EXPECTED, *((wrong, right) if strays == "forward" else (right, wrong)))
    assert fused.boxes_cxcywh[8:-8] == pytest.approx(arc(60)[8:-8])
    assert fused.boxes_cxcywh[:, 1] == pytest.approx(arc(60)[:, 1], abs=12)
    assert not lost_frames(fused).any()


def test_a_trajectory_that_arrives_closely_outweighs_one_that_arrives_roughly() -> None:
    swollen = arc(60)
    swollen[:, 2:] *= 1 + 0.3 * (1 - SHARE[:, None])
    scores = np.where(np.arange(COUNT) < 3, 0.2, 0.7)
    fused = fuse(EXPECTED, trajectory(arc(60)), trajectory(swollen, scores))
    assert iou_of_cxcywh(fused.boxes_cxcywh, arc(60)).min() > 0.95


def test_the_drift_at_the_end_is_spread_over_the_trajectory() -> None:
    drifting = arc(60) + np.array([4, 0, 0, 0]) * SHARE[:, None]
    fused = fuse(EXPECTED, trajectory(drifting), None)
    assert fused.boxes_cxcywh == pytest.approx(arc(60))


def test_a_few_uncertain_frames_are_interpolated() -> None:
    scores = np.full(COUNT, 0.9)
    scores[18:22] = 0.1
    wild = arc(60)
    wild[18:22] += 200
    fused = fuse(EXPECTED, trajectory(wild, scores), trajectory(wild, scores))
    assert fused.boxes_cxcywh[18:22] == pytest.approx(arc(60)[18:22], abs=2)
    assert fused.scores[18:22].tolist() == [0, 0, 0, 0]
    assert not lost_frames(fused).any()


def test_too_many_uncertain_frames_are_lost() -> None:
    scores = np.full(COUNT, 0.9)
    scores[15 : 15 + MAX_BRIDGED_FRAMES + 1] = 0.1
    fused = fuse(EXPECTED, trajectory(arc(60), scores), trajectory(arc(60), scores))
    assert true_ranges(lost_frames(fused)) == [(15, 15 + MAX_BRIDGED_FRAMES + 1)]


def test_trajectories_that_never_meet_are_used_until_they_are_doubtful() -> None:
    scores = np.full(COUNT, 0.9)
    scores[8] = scores[30] = 0.5
    up = trajectory(EXPECTED - np.array([0, 300, 0, 0]) * SHARE[:, None], scores)
    down = trajectory(EXPECTED + np.array([0, 300, 0, 0]) * (1 - SHARE)[:, None], scores)
    assert true_ranges(lost_frames(fuse(EXPECTED, up, down))) == [(8, 31)]


def test_trajectories_that_meet_are_joined_there() -> None:
    away = np.where(SHARE > 0.5, 300.0, 0.0)
    forward = trajectory(arc(60) + np.array([0, 1, 0, 0]) * away[:, None])
    backward = trajectory(arc(60) - np.array([0, 1, 0, 0]) * away[::-1, None])
    fused = fuse(EXPECTED, forward, backward)
    assert fused.boxes_cxcywh == pytest.approx(arc(60), abs=1)
    assert not lost_frames(fused).any()


def test_a_vanishing_object_is_only_tracked_forward() -> None:
    scores = np.where(np.arange(COUNT) < 25, 0.9, 0.1)
    assert true_ranges(lost_frames(fuse(EXPECTED, trajectory(arc(60), scores), None))) == [(25, COUNT - 1)]


def test_the_median_removes_an_outlier_and_keeps_the_ends() -> None:
    leaping = EXPECTED.copy()
    leaping[20] += 100
    leaping[0] += 7
    calm = median_filter(leaping)
    assert calm[20] == pytest.approx(EXPECTED[21])
    assert calm[0] == pytest.approx(leaping[0])
