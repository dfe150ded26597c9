"""Fuses two trajectories through the same frames, one tracked from each end."""

from dataclasses import dataclass

import numpy as np

from inference.domain.cxcywh import Float64Array, iou_of_cxcywh
from inference.domain.detections import BoolArray

# On pedestrians who cross each other (vtest.avi, 60 gaps of 60 frames) four of five boxes with this score or more have
# an IoU of at least 0.5 with the true one, below it one in twenty.
CONFIDENT = 0.45
# Below this score a trajectory may have switched to another object.
DOUBTFUL = 0.55
# Two boxes with this IoU show the same object.
SAME_IOU = 0.5
# So many frames without a confident box are bridged; after more the object is lost.
MAX_BRIDGED_FRAMES = 10
MEDIAN_RADIUS = 2
# A trajectory that arrives exactly must not count alone.
MIN_ERROR = 0.05


@dataclass(frozen=True, slots=True)
class Trajectory:
    """A box [n, 4] (centre x, centre y, width, height) and a score [n], from 0 to 1, for each frame."""

    boxes_cxcywh: Float64Array
    scores: Float64Array


def fuse(expected: Float64Array, forward: Trajectory, backward: Trajectory | None) -> Trajectory:
    """One trajectory from both, and from `expected` [n, 4] where neither is confident; `backward` is None where there
    is nothing to track back from the end.

    The weight of a trajectory is its score times its nearness to its start, and grows with how well it meets the
    opposite end. Where both agree, the result is their weighted mean; elsewhere it is the one with more weight. A frame
    on which neither is confident gets a score of 0 and a box whose offset from the expected one is interpolated between
    the confident frames on both sides.
    """
    backward = backward or Trajectory(expected, np.zeros(len(expected)))
    ahead, back = _weights(expected, forward, backward)
    share = np.linspace(0, 1, len(expected))[:, None]
    forward = _close_drift(forward, expected, -1, share)
    backward = _close_drift(backward, expected, 0, 1 - share)
    score = np.maximum(forward.scores * (ahead > 0), backward.scores * (back > 0))
    score[[0, -1]] = 1
    confident = score >= CONFIDENT
    total = np.where(ahead + back > 0, ahead + back, 1)
    mean = (ahead[:, None] * forward.boxes_cxcywh + back[:, None] * backward.boxes_cxcywh) / total[:, None]
    mean[[0, -1]] = expected[[0, -1]]
    at = np.arange(len(expected))
    departed = [np.interp(at, at[confident], (mean - expected)[confident, side]) for side in range(4)]
    boxes_cxcywh = expected + np.stack(departed, axis=1)
    boxes_cxcywh[:, 2:] = boxes_cxcywh[:, 2:].clip(min=1)
    return Trajectory(boxes_cxcywh, np.where(confident, score, 0))


def lost_frames(trajectory: Trajectory) -> BoolArray:
    """[n] which frames lie in a range of more than ten without a confident box."""
    gone = np.zeros(len(trajectory.scores), bool)
    for start, end in true_ranges(trajectory.scores == 0):
        gone[start:end] = end - start > MAX_BRIDGED_FRAMES
    return gone


def true_ranges(true: BoolArray) -> list[tuple[int, int]]:
    """The ranges in which `true` [n] holds, as pairs of the first index and the one after the last."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], true, [False]]).astype(int))).tolist()
    return list(zip(edges[::2], edges[1::2], strict=True))


def median_filter(boxes_cxcywh: Float64Array) -> Float64Array:
    """The median of each box with two neighbors on both sides, fewer near the ends, which do not change."""
    count = len(boxes_cxcywh)
    calm = boxes_cxcywh.copy()
    for at in range(count):
        reach = min(MEDIAN_RADIUS, at, count - 1 - at)
        calm[at] = np.median(boxes_cxcywh[at - reach : at + reach + 1], axis=0)
    return calm


def _close_drift(trajectory: Trajectory, expected: Float64Array, end: int, share: Float64Array) -> Trajectory:
    """A trajectory that arrives at the opposite keyframe, moved to arrive exactly: optical flow drifts a little on each
    frame, so the offset at the end has grown evenly."""
    if not _arrives(trajectory, expected, end):
        return trajectory
    off = expected[end, :2] - trajectory.boxes_cxcywh[end, :2]
    growth = expected[end, 2:] / trajectory.boxes_cxcywh[end, 2:]
    return Trajectory(
        np.concatenate(
            [trajectory.boxes_cxcywh[:, :2] + share * off, trajectory.boxes_cxcywh[:, 2:] * growth**share], axis=1
        ),
        trajectory.scores,
    )


def _arrives(trajectory: Trajectory, expected: Float64Array, end: int) -> bool:
    return bool(
        iou_of_cxcywh(trajectory.boxes_cxcywh[[end]], expected[[end]])[0] >= SAME_IOU
        and trajectory.scores[end] >= CONFIDENT
    )


def _weights(expected: Float64Array, forward: Trajectory, backward: Trajectory) -> tuple[Float64Array, Float64Array]:
    share = np.linspace(0, 1, len(expected))
    agree = iou_of_cxcywh(forward.boxes_cxcywh, backward.boxes_cxcywh) >= SAME_IOU
    believed, believed_back = _believed(expected, forward, backward, agree)
    ahead = (1 - share) * forward.scores * believed * _trust(forward, expected, -1)
    back = share * backward.scores * believed_back * _trust(backward, expected, 0)
    return np.where(agree | (ahead >= back), ahead, 0), np.where(agree | (back > ahead), back, 0)


def _trust(trajectory: Trajectory, expected: Float64Array, end: int) -> float:
    """How much more a trajectory counts than one that does not arrive: as in any weighted mean, 1 / error², where the
    error is the share of the opposite keyframe's box that it misses."""
    missed = 1 - float(iou_of_cxcywh(trajectory.boxes_cxcywh[[end]], expected[[end]])[0])
    return 1 / (missed + MIN_ERROR) ** 2


def _believed(
    expected: Float64Array, forward: Trajectory, backward: Trajectory, agree: BoolArray
) -> tuple[BoolArray, BoolArray]:
    """On which frames each trajectory is believed.

    One that arrives at the opposite keyframe is right everywhere: the keyframe proves it. If neither arrives but they
    meet, each is believed up to the meeting point. If they do not meet, one of them tracks something else: each is
    believed only until its score is doubtful for the first time.
    """
    everywhere = np.ones(len(expected), bool)
    arrived, arrived_back = _arrives(forward, expected, -1), _arrives(backward, expected, 0)
    if arrived or arrived_back or not backward.scores.any():
        return everywhere if arrived or not arrived_back else agree, everywhere if arrived_back else agree
    at = np.arange(len(expected))
    share = at / at[-1]
    gained = np.concatenate([[0], np.cumsum((1 - share) * forward.scores - share * backward.scores)[:-1]])
    if agree[1:-1].any():
        change = int(at[agree][np.argmax(gained[agree])])
        return (at < change) | agree, (at >= change) | agree
    change = int(np.argmax(gained))
    first_doubt = int(np.argmax(np.append(forward.scores[:change] < DOUBTFUL, True)))
    last_doubt = len(at) - 1 - int(np.argmax(np.append(backward.scores[:change:-1] < DOUBTFUL, True)))
    return at < min(first_doubt, change - MAX_BRIDGED_FRAMES / 2), at > max(last_doubt, change + MAX_BRIDGED_FRAMES / 2)
