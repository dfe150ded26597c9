"""Boxes frame by frame, made ready to be reduced to a few keyframes: in stretches, calm, with a tolerance for each."""

from dataclasses import dataclass

import numpy as np

from inference.domain.cxcywh import Doubles
from inference.domain.detections import Bools, Ints

PIXELS = 1.5
SHARE_OF_SIZE = 0.02


@dataclass(frozen=True, slots=True)
class Stretch:
    """Ascending `frames` [n] of a track, `boxes_xyxy` [n, 4] in pixels, `scores` [n] from 0 to 1."""

    frames: Ints
    boxes_xyxy: Doubles
    scores: Doubles


def without_gaps(track: Stretch, longest_gap: int) -> list[Stretch]:
    """The stretches of a track between gaps of more than `longest_gap` frames; shorter gaps are bridged."""
    cuts = np.flatnonzero(np.diff(track.frames) > longest_gap + 1) + 1
    parts = (np.split(array, cuts) for array in (track.frames, track.boxes_xyxy, track.scores))
    return [Stretch(*part) for part in zip(*parts, strict=True)]


def smoothed(stretch: Stretch, radius: int) -> Stretch:
    """The same stretch with each box averaged with its neighbours by a triangle of `radius` that shrinks towards the
    ends, so that even motion stays as it is and the first and last box do too. A detector's jitter, not the thing's
    motion, is what keyframes would otherwise be spent on. Next to a missed frame nothing is averaged."""
    count = len(stretch.frames)
    total, weights = np.zeros_like(stretch.boxes_xyxy), np.zeros((count, 1))
    for step in range(-radius, radius + 1):
        at = np.arange(count)
        fits = (np.minimum(at, count - 1 - at) >= abs(step)) & _contiguous(stretch.frames, abs(step))
        weight = np.where(fits, radius + 1.0 - abs(step), 0.0)[:, None]
        total += weight * stretch.boxes_xyxy[(at + step) % count]
        weights += weight
    return Stretch(stretch.frames, total / weights, stretch.scores)


def tolerances(boxes_xyxy: Doubles) -> Doubles:
    """How many pixels each box's sides [n] may be off: 1.5, and for large boxes 2 % of the longer side."""
    sides = boxes_xyxy[:, 2:] - boxes_xyxy[:, :2]
    return np.asarray(np.maximum(PIXELS, SHARE_OF_SIZE * sides.max(axis=1)))


def _contiguous(frames: Ints, reach: int) -> Bools:
    """[n] whether the `reach` neighbours on both sides are the frames right before and after."""
    at = np.arange(len(frames))
    left, right = frames[(at - reach).clip(min=0)], frames[(at + reach).clip(max=len(frames) - 1)]
    return np.asarray(right - left == 2 * reach)
