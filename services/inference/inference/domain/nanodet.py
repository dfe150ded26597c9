"""The output of NanoDet (https://github.com/RangiLyu/nanodet): a score for each label and cell, and the distances
from the cell's centre to the box's sides as distributions over bins (generalised focal loss)."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from inference.domain.detections import Detections, Float32Array, no_detections

SIDES = 4


class UnexpectedOutput(ValueError):
    """The output does not have the shape that the decoder expects."""


@dataclass(frozen=True, slots=True)
class Level:
    """The output at one stride: `scores` [cells, labels], after the sigmoid; `distances` [cells, 4 * bins], row by
    row over the input's cells."""

    stride: int
    scores: Float32Array
    distances: Float32Array


def decode_nanodet(levels: Sequence[Level], input_wh: tuple[int, int], threshold: float) -> Detections:
    """Boxes on the input for every label and cell that scores at least `threshold`, before non-maximum suppression.

    A side's distance is the expectation of the softmax over its bins, times the stride; a cell's centre lies at (i +
    0.5) * stride.
    """
    found = [_decode_level(level, input_wh, threshold) for level in levels]
    return Detections(
        np.concatenate([no_detections().boxes_xyxy, *(part.boxes_xyxy for part in found)]),
        np.concatenate([no_detections().scores, *(part.scores for part in found)]),
        np.concatenate([no_detections().labels, *(part.labels for part in found)]),
    )


def _decode_level(level: Level, input_wh: tuple[int, int], threshold: float) -> Detections:
    centres = _centres_xy(input_wh, level.stride)
    if len(level.scores) != len(centres) or len(level.distances) != len(centres) or level.distances.shape[1] % SIDES:
        raise UnexpectedOutput(
            f"At stride {level.stride} an input of {input_wh[0]} x {input_wh[1]} has {len(centres)} cells; the model "
            f"gave scores {level.scores.shape} and distances {level.distances.shape}."
        )
    # Six times as fast as np.nonzero on two axes.
    cells, labels = np.divmod(np.flatnonzero(level.scores >= threshold), level.scores.shape[1])
    left_top_right_bottom = _expectation(level.distances[cells]) * level.stride
    corners = [centres[cells] - left_top_right_bottom[:, :2], centres[cells] + left_top_right_bottom[:, 2:]]
    return Detections(np.concatenate(corners, axis=1), level.scores[cells, labels], labels)


def _expectation(distances: Float32Array) -> Float32Array:
    logits = distances.reshape(len(distances), SIDES, distances.shape[1] // SIDES)
    weights = np.exp(logits - logits.max(axis=2, keepdims=True))
    bins = np.arange(logits.shape[2], dtype=np.float32)
    return np.asarray((weights @ bins) / weights.sum(axis=2))


@lru_cache(maxsize=64)
def _centres_xy(input_wh: tuple[int, int], stride: int) -> Float32Array:
    columns, rows = -(-input_wh[0] // stride), -(-input_wh[1] // stride)
    y, x = np.mgrid[:rows, :columns]
    return np.asarray((np.stack([x.ravel(), y.ravel()], axis=1) + 0.5) * stride, dtype=np.float32)
