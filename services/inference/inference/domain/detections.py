"""Detections on one image, passed between all steps of the pipeline."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Float32Array = npt.NDArray[np.float32]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Detections:
    """`boxes_xyxy` [n, 4] in pixels, `scores` [n] from 0 to 1, `labels` [n] as indices into the model's labels."""

    boxes_xyxy: Float32Array
    scores: Float32Array
    labels: IntArray

    def __len__(self) -> int:
        return len(self.scores)

    def __getitem__(self, chosen: Any) -> "Detections":
        return Detections(self.boxes_xyxy[chosen], self.scores[chosen], self.labels[chosen])


def no_detections() -> Detections:
    """The detections on an empty image."""
    return Detections(np.zeros((0, 4), np.float32), np.zeros(0, np.float32), np.zeros(0, np.int64))
