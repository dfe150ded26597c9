"""From a box on every frame to the few keyframes a person edits: as few as stay within a tolerance."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Doubles = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

PIXELS = 1.5
SHARE_OF_SIZE = 0.02
AT_FIRST = 64


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of a track without a gap: ascending `frames` [n], `boxes_xyxy` [n, 4], `scores` [n]."""

    frames: Ints
    boxes_xyxy: Doubles
    scores: Doubles


def without_gaps(track: Run, longest_gap: int) -> list[Run]:
    """The stretches of a track between gaps of more than `longest_gap` frames; shorter gaps are bridged."""
    cuts = np.flatnonzero(np.diff(track.frames) > longest_gap + 1) + 1
    parts = (np.split(array, cuts) for array in (track.frames, track.boxes_xyxy, track.scores))
    return [Run(*part) for part in zip(*parts, strict=True)]


def smoothed(run: Run, radius: int) -> Run:
    """The same stretch with each box averaged with its neighbours by a triangle of `radius` that shrinks towards the
    ends, so that even motion stays as it is and the first and last box do too. A detector's jitter, not the thing's
    motion, is what keyframes would otherwise be spent on. Next to a missed frame nothing is averaged."""
    count = len(run.frames)
    total, weights = np.zeros_like(run.boxes_xyxy), np.zeros((count, 1))
    for step in range(-radius, radius + 1):
        at = np.arange(count)
        fits = (np.minimum(at, count - 1 - at) >= abs(step)) & _contiguous(run.frames, abs(step))
        weight = np.where(fits, radius + 1.0 - abs(step), 0.0)[:, None]
        total += weight * run.boxes_xyxy[(at + step) % count]
        weights += weight
    return Run(run.frames, total / weights, run.scores)


def tolerances(boxes_xyxy: Doubles) -> Doubles:
    """How many pixels each box's sides [n] may be off: 1.5, and for large boxes 2 % of the longer side."""
    sides = boxes_xyxy[:, 2:] - boxes_xyxy[:, :2]
    return np.asarray(np.maximum(PIXELS, SHARE_OF_SIZE * sides.max(axis=1)))


def keyframes_of(run: Run, tolerance: Doubles) -> Ints:
    """The fewest indices of a stretch, first and last among them, between which going straight in time leaves no
    coordinate on any frame of the stretch further off than that frame's `tolerance` [n].

    From a keyframe, each frame passed narrows the slopes that are still allowed (a cone for each coordinate); the
    fewest steps through what can be reached is a shortest path (Imai and Iri 1988). O(n · reach).
    """
    count = len(run.frames)
    steps, before = np.full(count, count, np.int64), np.zeros(count, np.int64)
    steps[0] = 0
    for start in range(count - 1):
        reached = start + 1 + _reachable(run, tolerance, start)
        nearer = reached[steps[reached] > steps[start] + 1]
        steps[nearer], before[nearer] = steps[start] + 1, start
    path = [count - 1]
    while path[-1]:
        path.append(int(before[path[-1]]))
    return np.array(path[::-1], np.int64)


def _reachable(run: Run, tolerance: Doubles, start: int) -> Ints:
    """Which of the frames after `start` (0 is the next) may be the keyframe that follows it."""
    size = AT_FIRST
    while True:
        part = slice(start + 1, start + 1 + size)
        passed = (run.frames[part] - run.frames[start])[:, None].astype(np.float64)
        moved = run.boxes_xyxy[part] - run.boxes_xyxy[start]
        lowest = np.maximum.accumulate((moved - tolerance[part, None]) / passed)
        highest = np.minimum.accumulate((moved + tolerance[part, None]) / passed)
        open_until = np.flatnonzero((lowest > highest).any(axis=1))
        if len(open_until) or start + 1 + size >= len(run.frames):
            slope = moved / passed
            return np.flatnonzero(((slope >= lowest) & (slope <= highest)).all(axis=1))
        size *= 2


def _contiguous(frames: Ints, reach: int) -> npt.NDArray[np.bool_]:
    """[n] whether the `reach` neighbours on both sides are the frames right before and after."""
    at = np.arange(len(frames))
    left, right = frames[(at - reach).clip(min=0)], frames[(at + reach).clip(max=len(frames) - 1)]
    return np.asarray(right - left == 2 * reach)
