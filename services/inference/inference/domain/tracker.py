"""Tracks from detections, as in ByteTrack (Zhang et al. 2022, https://arxiv.org/abs/2110.06864): detections of high
score are matched first, those of low score may then only continue existing tracks.

No package, because those that implement it bring a second OpenCV and matplotlib, and because a clip that is labeled
twice must give the same labels.
"""

from dataclasses import dataclass, field

import numpy as np

from common.geometry.iou import iou_matrix
from inference.domain.detections import BoolArray, Detections, Float32Array, IntArray, no_detections
from inference.domain.kalman_filter import KalmanState, concatenate, initiate, predict, update
from inference.domain.matching import match


@dataclass(frozen=True, slots=True)
class Tracking:
    """Parameters: a detection of score `high` is matched first, one of `low` with the remaining tracks, and one of
    `start` may start a track. The IoU thresholds are for detections of high score, of low score, and for tracks of one
    frame. A track ends after `max_missed` frames without a detection; one with fewer than `min_frames` detections is
    noise."""

    high: float
    low: float
    start: float
    iou: float = 0.2
    iou_low: float = 0.5
    iou_new: float = 0.3
    max_missed: int = 30
    min_frames: int = 3


def tracking_for(threshold: float, frame_count: int) -> Tracking:
    """Parameters for a score threshold and a number of frames. As in ByteTrack, a track starts slightly above the
    threshold and continues down to half of it; an image has no second frame to wait for."""
    if frame_count == 1:
        return Tracking(threshold, threshold, threshold, min_frames=1)
    start = min(threshold + 0.1, (1 + threshold) / 2)
    return Tracking(threshold, threshold / 2, start, min_frames=min(3, frame_count))


@dataclass(slots=True)
class Track:
    """The detections of one object: a box and a score on each of ascending `frames`."""

    label: int
    frames: list[int] = field(default_factory=list)
    boxes_xyxy: list[Float32Array] = field(default_factory=list)
    scores: list[float] = field(default_factory=list)

    def append(self, frame: int, found: Detections, which: int) -> None:
        """Add a detection on a later frame."""
        self.frames.append(frame)
        self.boxes_xyxy.append(found.boxes_xyxy[which])
        self.scores.append(float(found.scores[which]))


class Tracker:
    """Tracks objects through the frames of one clip, in order; frames that cannot be decoded are left out."""

    def __init__(self, tracking: Tracking) -> None:
        self.tracking = tracking
        self._frame: int | None = None
        self._tracks: list[Track] = []
        self._active: list[Track] = []
        self._kalman: KalmanState = initiate(no_detections().boxes_xyxy)

    def update(self, frame: int, found: Detections) -> None:
        """Process the detections on `frame`."""
        self._predict_to(frame)
        free = np.ones(len(self._active), bool)
        high = found[found.scores >= self.tracking.high]
        low = found[(found.scores < self.tracking.high) & (found.scores >= self.tracking.low)]
        new = np.array([len(track.frames) == 1 for track in self._active], bool)
        lately = np.array([track.frames[-1] == self._frame for track in self._active], bool)
        self._frame = frame
        left = self._match(frame, high, free & ~new, free, self.tracking.iou)
        self._match(frame, low, free & ~new & lately, free, self.tracking.iou_low)
        left = self._match(frame, left, free & new, free, self.tracking.iou_new)
        self._keep(~(free & new))
        self._start(frame, left[left.scores >= self.tracking.start])

    def tracks(self) -> list[Track]:
        """The tracks in order of appearance, without noise."""
        return [track for track in self._tracks if len(track.frames) >= self.tracking.min_frames]

    def _predict_to(self, frame: int) -> None:
        if self._frame is not None and frame <= self._frame:
            raise ValueError(f"Frame {frame} comes after frame {self._frame}")
        over = frame - self.tracking.max_missed
        self._keep(np.array([track.frames[-1] >= over for track in self._active], bool))
        for _ in range(frame - self._frame if self._frame is not None and self._active else 0):
            self._kalman = predict(self._kalman)

    def _match(self, frame: int, found: Detections, candidates: BoolArray, free: BoolArray, iou: float) -> Detections:
        """Match tracks among `candidates` with detections; returns the detections that are left."""
        rows: IntArray = np.flatnonzero(candidates)
        weights = iou_matrix(self._kalman.boxes_xyxy[rows], found.boxes_xyxy)
        labels = np.array([self._active[row].label for row in rows], int)
        pairs = match(weights * (labels[:, None] == found.labels[None, :]), iou)
        for row, which in pairs:
            self._active[rows[row]].append(frame, found, which)
        chosen = np.array(pairs, int).reshape(-1, 2)
        seen = rows[chosen[:, 0]]
        free[seen] = False
        self._kalman = update(self._kalman, seen, found.boxes_xyxy[chosen[:, 1]])
        return found[np.setdiff1d(np.arange(len(found)), chosen[:, 1])]

    def _keep(self, kept: BoolArray) -> None:
        self._kalman = self._kalman[kept]
        self._active = [track for track, keep in zip(self._active, kept, strict=True) if keep]

    def _start(self, frame: int, found: Detections) -> None:
        for which in range(len(found)):
            track = Track(int(found.labels[which]))
            track.append(frame, found, which)
            self._tracks.append(track)
            self._active.append(track)
        self._kalman = concatenate(self._kalman, initiate(found.boxes_xyxy))
