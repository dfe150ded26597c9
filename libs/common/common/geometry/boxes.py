"""Corners of boxes that are rotated about their center.

corners(box)                     # four points (x, y) of one Box
corners_of_boxes(boxes_xyxyr)    # [n, 4, 2] of many boxes
"""

from math import cos, hypot, radians, sin

import numpy as np
from numpy.typing import NDArray

from common.geometry.types import Box, Circle, Ellipse, Point

# x1, y1, x2, y2 of an upright box.
Bounds = tuple[float, float, float, float]
_SIGNS = np.array([(-1.0, -1.0), (1.0, -1.0), (1.0, 1.0), (-1.0, 1.0)])


def corners(box: Box) -> list[Point]:
    """The corners in pixels, clockwise from the one that is top-left before the rotation."""
    upright = [(box.x1, box.y1), (box.x2, box.y1), (box.x2, box.y2), (box.x1, box.y2)]
    if box.rotation == 0:
        return upright
    cx, cy = (box.x1 + box.x2) / 2, (box.y1 + box.y2) / 2
    c, s = cos(radians(box.rotation)), sin(radians(box.rotation))
    return [(cx + (x - cx) * c - (y - cy) * s, cy + (x - cx) * s + (y - cy) * c) for x, y in upright]


def corners_of_boxes(boxes_xyxyr: NDArray[np.float64]) -> NDArray[np.float64]:
    """[n, 4, 2] corners in the order of `corners`, for boxes [n, 5]: x1, y1, x2, y2 in pixels and the rotation in
    degrees clockwise."""
    half_wh = (boxes_xyxyr[:, 2:4] - boxes_xyxyr[:, :2]) / 2
    upright = _SIGNS * half_wh[:, None]
    angles = np.radians(boxes_xyxyr[:, 4])[:, None]
    c, s = np.cos(angles), np.sin(angles)
    x, y = upright[..., 0], upright[..., 1]
    offsets = np.stack((x * c - y * s, x * s + y * c), axis=-1)
    return np.asarray((boxes_xyxyr[:, None, :2] + boxes_xyxyr[:, None, 2:4]) / 2 + offsets)


def ellipse_bounds(ellipse: Ellipse | Circle) -> Bounds:
    """The smallest upright box around an ellipse."""
    if isinstance(ellipse, Circle):
        half_width = half_height = ellipse.r
    else:
        c, s = cos(radians(ellipse.rotation)), sin(radians(ellipse.rotation))
        half_width, half_height = hypot(ellipse.rx * c, ellipse.ry * s), hypot(ellipse.rx * s, ellipse.ry * c)
    return ellipse.cx - half_width, ellipse.cy - half_height, ellipse.cx + half_width, ellipse.cy + half_height
