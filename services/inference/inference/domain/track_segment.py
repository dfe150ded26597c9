"""Segments of tracks: split at gaps, smoothed, with a tolerance for keyframe reduction."""

from typing import NamedTuple

import numpy as np

from inference.domain.cxcywh import Float64Array
from inference.domain.detections import BoolArray, IntArray

TOLERANCE_PIXELS = 1.5
TOLERANCE_SHARE = 0.02


class TrackSegment(NamedTuple):
    """Ascending `frames` [n] of a track, `boxes_xyxy` [n, 4] in pixels, `scores` [n] from 0 to 1."""

    frames: IntArray
    boxes_xyxy: Float64Array
    scores: Float64Array


def split_at_gaps(track: TrackSegment, longest_gap: int) -> list[TrackSegment]:
    """The segments between gaps of more than `longest_gap` frames; shorter gaps are bridged."""
    cuts = np.flatnonzero(np.diff(track.frames) > longest_gap + 1) + 1
    parts = (np.split(array, cuts) for array in (track.frames, track.boxes_xyxy, track.scores))
    return [TrackSegment(*part) for part in zip(*parts, strict=True)]


def smooth(segment: TrackSegment, radius: int) -> TrackSegment:
    """The segment with each box averaged with its neighbors by a triangle of `radius`, which shrinks towards the ends,
    so that constant motion and both end boxes do not change. Otherwise keyframes would be spent on the detector's
    jitter. Boxes next to a missed frame are not averaged."""
    count = len(segment.frames)
    total, weights = np.zeros_like(segment.boxes_xyxy), np.zeros((count, 1))
    for step in range(-radius, radius + 1):
        at = np.arange(count)
        fits = (np.minimum(at, count - 1 - at) >= abs(step)) & _contiguous(segment.frames, abs(step))
        weight = np.where(fits, radius + 1.0 - abs(step), 0.0)[:, None]
        total += weight * segment.boxes_xyxy[(at + step) % count]
        weights += weight
    return TrackSegment(segment.frames, total / weights, segment.scores)


def tolerances(boxes_xyxy: Float64Array) -> Float64Array:
    """Pixels [n] by which the sides of each box may be off: 1.5, or 2 % of the longer side for large boxes."""
    sides = boxes_xyxy[:, 2:] - boxes_xyxy[:, :2]
    return np.asarray(np.maximum(TOLERANCE_PIXELS, TOLERANCE_SHARE * sides.max(axis=1)))


def _contiguous(frames: IntArray, reach: int) -> BoolArray:
    """[n] whether the `reach` neighbors on both sides are the adjacent frames."""
    at = np.arange(len(frames))
    left, right = frames[(at - reach).clip(min=0)], frames[(at + reach).clip(max=len(frames) - 1)]
    return np.asarray(right - left == 2 * reach)
