"""Non-maximum suppression."""

import numpy as np

from common.geometry.iou import iou_matrix
from inference.domain.detections import Detections, IntArray

# Every box is compared with every other: no image has more objects than this.
MAX_COMPARED = 1000


def nms(found: Detections, max_iou: float, most: int) -> Detections:
    """Non-maximum suppression per label, greedy by score: at most `most` detections, best first, no two of one label
    overlapping by more than `max_iou`."""
    found = found[np.argsort(-found.scores, kind="stable")[:MAX_COMPARED]]
    rivals = (iou_matrix(found.boxes_xyxy, found.boxes_xyxy) > max_iou) & _same(found.labels)
    kept = np.ones(len(found), bool)
    for best in range(len(found)):
        if kept[best]:
            kept[best + 1 :] &= ~rivals[best, best + 1 :]
    return found[np.flatnonzero(kept)[:most]]


def _same(labels: IntArray) -> np.ndarray[tuple[int, int], np.dtype[np.bool_]]:
    return np.asarray(labels[:, None] == labels[None, :])
