"""Arrays of boxes: overlap, and the suppression of boxes that show the same thing."""

import numpy as np

from inference.domain.detections import Detections, Floats, Ints

# Suppression compares every box with every other: more than this many are never things on one picture.
COMPARED = 1000


def iou_matrix(boxes_xyxy: Floats, others_xyxy: Floats) -> Floats:
    """Intersection over union of each of n boxes with each of m others: [n, m]; 0 for boxes without area."""
    corner = np.maximum(boxes_xyxy[:, None, :2], others_xyxy[None, :, :2])
    opposite = np.minimum(boxes_xyxy[:, None, 2:], others_xyxy[None, :, 2:])
    shared = (opposite - corner).clip(min=0).prod(axis=2)
    union = areas(boxes_xyxy)[:, None] + areas(others_xyxy)[None, :] - shared
    return np.asarray(np.divide(shared, union, out=np.zeros_like(shared), where=union > 0))


def areas(boxes_xyxy: Floats) -> Floats:
    """Area of each box; 0 where it is turned inside out."""
    return np.asarray((boxes_xyxy[:, 2:] - boxes_xyxy[:, :2]).clip(min=0).prod(axis=1))


def without_doubles(found: Detections, max_iou: float, most: int) -> Detections:
    """Non-maximum suppression per label, greedy by score: at most `most` detections, best first, no two of one label
    overlapping by more than `max_iou`."""
    found = found[np.argsort(-found.scores, kind="stable")[:COMPARED]]
    rivals = (iou_matrix(found.boxes_xyxy, found.boxes_xyxy) > max_iou) & _same(found.labels)
    kept = np.ones(len(found), bool)
    for best in range(len(found)):
        if kept[best]:
            kept[best + 1 :] &= ~rivals[best, best + 1 :]
    return found[np.flatnonzero(kept)[:most]]


def _same(labels: Ints) -> np.ndarray[tuple[int, int], np.dtype[np.bool_]]:
    return np.asarray(labels[:, None] == labels[None, :])
