"""A detector's boxes made ready to be reduced to a few keyframes: in stretches, calm, and with a tolerance for each."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Doubles = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

PIXELS = 1.5
SHARE_OF_SIZE = 0.02


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


def _contiguous(frames: Ints, reach: int) -> npt.NDArray[np.bool_]:
    """[n] whether the `reach` neighbours on both sides are the frames right before and after."""
    at = np.arange(len(frames))
    left, right = frames[(at - reach).clip(min=0)], frames[(at + reach).clip(max=len(frames) - 1)]
    return np.asarray(right - left == 2 * reach)
