"""Reader of Ultralytics YOLO Oriented Bounding Boxes: rows `class x1 y1 x2 y2 x3 y3 x4 y4`. Corners that are not a
rectangle become their minimum-area box."""

from math import atan2, cos, degrees, hypot, pi, radians, remainder, sin

import numpy as np
from numpy.typing import NDArray

from common.geometry.boxes import corners
from common.geometry.types import Box
from export.formats.yolo.names import OBB
from export.formats.yolo.reader_kinds import detects
from export.formats.yolo.reader_rows import LEFT_OPEN, ParsedShape, Row, reading, rounded, shares
from export.parsing.reader import Reader

Floats = NDArray[np.float64]
_CORNERS = 8
# The tolerance between given corners and those of the box, in pixels.
_NEAR = 0.05


def _parse_shape(row: Row) -> ParsedShape:
    size = row.target.width, row.target.height
    corners_px = np.array(shares(row.words, _CORNERS)).reshape(-1, 2) * size
    open_px = LEFT_OPEN * max(size)
    return ParsedShape(_box(corners_px, open_px), row.words[_CORNERS:])


def _box(points: Floats, open_px: float) -> Box:
    """The box with these corners [4, 2], with two decimals where the precision allows it."""
    width_axis = (points[[1, 2]] - points[[0, 3]]).sum(axis=0).tolist()
    height_axis = (points[[3, 2]] - points[[0, 1]]).sum(axis=0).tolist()
    # The longer edges give the more precise rotation.
    rotation = (
        atan2(width_axis[1], width_axis[0])
        if hypot(*width_axis) >= hypot(*height_axis)
        else atan2(height_axis[1], height_axis[0]) - pi / 2
    )
    box = _enclosing(points, rotation, open_px)
    if _distance(box, points) <= max(_NEAR, 4 * open_px):
        return box
    sides = (points[second] - points[first] for first in range(4) for second in range(first + 1, 4))
    boxes = [_enclosing(points, atan2(y, x), open_px) for x, y in sides]
    return min(boxes, key=lambda candidate: (candidate.x2 - candidate.x1) * (candidate.y2 - candidate.y1))


def _enclosing(points: Floats, rotation_radians: float, open_px: float) -> Box:
    """The smallest box with this rotation around all points."""
    longest = max(float(np.ptp(points, axis=0).max()), open_px, 1e-9)
    rotation = remainder(rounded(degrees(rotation_radians), degrees(atan2(2 * open_px, longest))), 360.0)
    cosine, sine = cos(radians(rotation)), sin(radians(rotation))
    unrotated = points @ np.array([[cosine, -sine], [sine, cosine]])
    low, high = unrotated.min(axis=0), unrotated.max(axis=0)
    x, y = ((low + high) / 2).tolist()
    cx, cy = x * cosine - y * sine, x * sine + y * cosine
    half_width, half_height = ((high - low) / 2).tolist()
    edges = [cx - half_width, cy - half_height, cx + half_width, cy + half_height]
    x1, y1, x2, y2 = (rounded(edge, 2 * open_px) for edge in edges)
    if x1 >= x2 or y1 >= y2:
        x1, y1, x2, y2 = edges
    return Box(x1=x1, y1=y1, x2=x2, y2=y2, rotation=rotation)


def _distance(box: Box, points: Floats) -> float:
    """The largest distance of the points from the corners of a box."""
    offsets = points[:, None] - np.array(corners(box))[None]
    return float(np.hypot(offsets[..., 0], offsets[..., 1]).min(axis=1).max())


READER = Reader(reading(_parse_shape), detects(OBB))
