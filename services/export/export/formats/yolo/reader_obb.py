"""Reader of Ultralytics YOLO Oriented Bounding Boxes: rows `class x1 y1 x2 y2 x3 y3 x4 y4`. Corners that are not a
rectangle become their minimum-area box."""

from math import atan2, cos, degrees, hypot, pi, radians, remainder, sin

import numpy as np
from numpy.typing import NDArray

from common.geometry.boxes import corners
from common.geometry.types import Box
from export.formats.yolo.names import OBB
from export.formats.yolo.reader_kinds import detects
from export.formats.yolo.reader_rows import LEFT_OPEN, Drawn, Row, drawn_at, reading, shares
from export.parsing.reader import Reader

Floats = NDArray[np.float64]
_CORNERS = 8
# How far corners may be, in pixels, from those of the box that they are taken for.
_NEAR = 0.05


def _drawn(row: Row) -> Drawn:
    size = row.target.width, row.target.height
    found = np.array(shares(row.words, _CORNERS)).reshape(-1, 2) * size
    open_px = LEFT_OPEN * max(size)
    return Drawn(_box(found, open_px), row.words[_CORNERS:])


def _box(around: Floats, open_px: float) -> Box:
    """The box with these corners [4, 2], with two decimals where the precision allows it."""
    along = (around[[1, 2]] - around[[0, 3]]).sum(axis=0).tolist()
    across = (around[[3, 2]] - around[[0, 1]]).sum(axis=0).tolist()
    # The longer sides tell best how it is turned.
    turned = atan2(along[1], along[0]) if hypot(*along) >= hypot(*across) else atan2(across[1], across[0]) - pi / 2
    found = _enclosing(around, turned, open_px)
    if _apart(found, around) <= max(_NEAR, 4 * open_px):
        return found
    sides = (around[two] - around[one] for one in range(4) for two in range(one + 1, 4))
    boxes = [_enclosing(around, atan2(y, x), open_px) for x, y in sides]
    return min(boxes, key=lambda box: (box.x2 - box.x1) * (box.y2 - box.y1))


def _enclosing(around: Floats, turned: float, open_px: float) -> Box:
    """The smallest box with this rotation around all points."""
    longest = max(float(np.ptp(around, axis=0).max()), open_px, 1e-9)
    rotation = remainder(drawn_at(degrees(turned), degrees(atan2(2 * open_px, longest))), 360.0)
    c, s = cos(radians(rotation)), sin(radians(rotation))
    straight = around @ np.array([[c, -s], [s, c]])
    low, high = straight.min(axis=0), straight.max(axis=0)
    x, y = ((low + high) / 2).tolist()
    cx, cy = x * c - y * s, x * s + y * c
    half_width, half_height = ((high - low) / 2).tolist()
    edges = [cx - half_width, cy - half_height, cx + half_width, cy + half_height]
    x1, y1, x2, y2 = (drawn_at(edge, 2 * open_px) for edge in edges)
    if x1 >= x2 or y1 >= y2:
        x1, y1, x2, y2 = edges
    return Box(x1=x1, y1=y1, x2=x2, y2=y2, rotation=rotation)


def _apart(box: Box, points: Floats) -> float:
    """The largest distance of the points from the corners of a box."""
    offsets = points[:, None] - np.array(corners(box))[None]
    return float(np.hypot(offsets[..., 0], offsets[..., 1]).min(axis=1).max())


READER = Reader(reading(_drawn), detects(OBB))
