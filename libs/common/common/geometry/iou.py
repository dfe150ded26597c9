"""Intersection over union of upright boxes, x1, y1, x2, y2 in pixels.

iou_matrix(boxes_xyxy, others_xyxy)    # [n, m]: all pairs
iou_pairs(boxes_xyxy, others_xyxy)     # [n]: pairs with equal index
"""

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

F = TypeVar("F", np.float32, np.float64)


def iou_matrix(boxes_xyxy: NDArray[F], others_xyxy: NDArray[F]) -> NDArray[F]:
    """[n, m] IoU of n boxes [n, 4] with m others [m, 4]; 0 if the union has no finite area."""
    low = np.maximum(boxes_xyxy[:, None, :2], others_xyxy[None, :, :2])
    high = np.minimum(boxes_xyxy[:, None, 2:], others_xyxy[None, :, 2:])
    return _ratio(low, high, box_areas(boxes_xyxy)[:, None] + box_areas(others_xyxy)[None, :])


def iou_pairs(boxes_xyxy: NDArray[F], others_xyxy: NDArray[F]) -> NDArray[F]:
    """[n] IoU of boxes [n, 4] with others [n, 4] of the same index; 0 if the union has no finite area."""
    low = np.maximum(boxes_xyxy[:, :2], others_xyxy[:, :2])
    high = np.minimum(boxes_xyxy[:, 2:], others_xyxy[:, 2:])
    return _ratio(low, high, box_areas(boxes_xyxy) + box_areas(others_xyxy))


def box_areas(boxes_xyxy: NDArray[F]) -> NDArray[F]:
    """[n] areas of boxes [n, 4] in square pixels; 0 where x2 < x1 or y2 < y1."""
    return np.asarray((boxes_xyxy[:, 2:] - boxes_xyxy[:, :2]).clip(min=0).prod(axis=1))


def _ratio(low: NDArray[F], high: NDArray[F], areas: NDArray[F]) -> NDArray[F]:
    intersections = (high - low).clip(min=0).prod(axis=-1)
    with np.errstate(invalid="ignore"):
        unions = areas - intersections
    has_area = np.isfinite(unions) & (unions > 0)
    return np.asarray(np.divide(intersections, unions, out=np.zeros_like(intersections), where=has_area))
