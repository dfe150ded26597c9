"""Tracks from detections, in the way of ByteTrack (Zhang et al. 2022, https://arxiv.org/abs/2110.06864): detections
of high score are paired first, those of low score may then only carry on what is already followed.

Our own, because the packages that do it bring a second OpenCV and matplotlib along, and because labels must come out
the same when a clip is worked on twice.
"""

from dataclasses import dataclass, field

import numpy as np

from inference.domain.detections import Bools, Detections, Floats, Ints, nothing
from inference.domain.kalman_filter import Motion, at_rest, corrected, joined, predicted
from inference.domain.matching import best_pairs
from inference.domain.nms import iou_matrix


@dataclass(frozen=True, slots=True)
class Tracking:
    """How to track: a detection of score `high` is paired first, one of `low` with what is left, and one of `start`
    may begin a track. The IoU that pairs a prediction with a detection of high score, of low score, and a track of
    one frame with its second. A track that is not seen for `forgotten_after` frames is over; one seen less often than
    `seen_at_least` times was noise."""

    high: float
    low: float
    start: float
    iou: float = 0.2
    iou_low: float = 0.5
    iou_new: float = 0.3
    forgotten_after: int = 30
    seen_at_least: int = 3


def tracking_at(threshold: float, frame_count: int) -> Tracking:
    """How to track what a model finds with `threshold` in so many frames. As in ByteTrack, to begin a track takes a
    little more than the threshold, to prolong one half of it; on a picture there is nothing to wait for."""
    if frame_count == 1:
        return Tracking(threshold, threshold, threshold, seen_at_least=1)
    start = min(threshold + 0.1, (1 + threshold) / 2)
    return Tracking(threshold, threshold / 2, start, seen_at_least=min(3, frame_count))


@dataclass(slots=True)
class Track:
    """What was seen of one thing: a box and a score on each of ascending `frames`."""

    label: int
    frames: list[int] = field(default_factory=list)
    boxes_xyxy: list[Floats] = field(default_factory=list)
    scores: list[float] = field(default_factory=list)

    def see(self, frame: int, found: Detections, which: int) -> None:
        """Add what was seen on a frame after the last one."""
        self.frames.append(frame)
        self.boxes_xyxy.append(found.boxes_xyxy[which])
        self.scores.append(float(found.scores[which]))


class Tracker:
    """Follows things through the frames of one clip; frames are given in order, those that failed left out."""

    def __init__(self, tracking: Tracking) -> None:
        self.tracking = tracking
        self._frame: int | None = None
        self._all: list[Track] = []
        self._followed: list[Track] = []
        self._motion: Motion = at_rest(nothing().boxes_xyxy)

    def see(self, frame: int, found: Detections) -> None:
        """Take in what was detected on `frame`."""
        self._pass_time(frame)
        free = np.ones(len(self._followed), bool)
        high = found[found.scores >= self.tracking.high]
        low = found[(found.scores < self.tracking.high) & (found.scores >= self.tracking.low)]
        new = np.array([len(track.frames) == 1 for track in self._followed], bool)
        lately = np.array([track.frames[-1] == self._frame for track in self._followed], bool)
        self._frame = frame
        left = self._pair(frame, high, free & ~new, free, self.tracking.iou)
        self._pair(frame, low, free & ~new & lately, free, self.tracking.iou_low)
        left = self._pair(frame, left, free & new, free, self.tracking.iou_new)
        self._forget(~(free & new))
        self._begin(frame, left[left.scores >= self.tracking.start])

    def tracks(self) -> list[Track]:
        """What was followed, in the order it appeared, without what was seen too rarely."""
        return [track for track in self._all if len(track.frames) >= self.tracking.seen_at_least]

    def _pass_time(self, frame: int) -> None:
        if self._frame is not None and frame <= self._frame:
            raise ValueError(f"Frame {frame} comes after frame {self._frame}")
        over = frame - self.tracking.forgotten_after
        self._forget(np.array([track.frames[-1] >= over for track in self._followed], bool))
        for _ in range(frame - self._frame if self._frame is not None and self._followed else 0):
            self._motion = predicted(self._motion)

    def _pair(self, frame: int, found: Detections, candidates: Bools, free: Bools, iou: float) -> Detections:
        """Carry on tracks among `candidates` with the detections that fit best; returns the detections left over."""
        rows: Ints = np.flatnonzero(candidates)
        weights = iou_matrix(self._motion.boxes_xyxy[rows], found.boxes_xyxy)
        labels = np.array([self._followed[row].label for row in rows], int)
        pairs = best_pairs(weights * (labels[:, None] == found.labels[None, :]), iou)
        for row, which in pairs:
            self._followed[rows[row]].see(frame, found, which)
        chosen = np.array(pairs, int).reshape(-1, 2)
        seen = rows[chosen[:, 0]]
        free[seen] = False
        self._motion = corrected(self._motion, seen, found.boxes_xyxy[chosen[:, 1]])
        return found[np.setdiff1d(np.arange(len(found)), chosen[:, 1])]

    def _forget(self, kept: Bools) -> None:
        self._motion = self._motion[kept]
        self._followed = [track for track, keep in zip(self._followed, kept, strict=True) if keep]

    def _begin(self, frame: int, found: Detections) -> None:
        for which in range(len(found)):
            track = Track(int(found.labels[which]))
            track.see(frame, found, which)
            self._all.append(track)
            self._followed.append(track)
        self._motion = joined(self._motion, at_rest(found.boxes_xyxy))
