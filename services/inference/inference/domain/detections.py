"""What a detector found on one picture: the value that all parts of the pipeline pass on."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Detections:
    """`boxes_xyxy` [n, 4] in pixels, `scores` [n] from 0 to 1, `labels` [n] as indices into the model's labels."""

    boxes_xyxy: Floats
    scores: Floats
    labels: Ints

    def __len__(self) -> int:
        return len(self.scores)

    def __getitem__(self, chosen: Any) -> "Detections":
        return Detections(self.boxes_xyxy[chosen], self.scores[chosen], self.labels[chosen])


def nothing() -> Detections:
    """What is found on an empty picture."""
    return Detections(np.zeros((0, 4), np.float32), np.zeros(0, np.float32), np.zeros(0, np.int64))
