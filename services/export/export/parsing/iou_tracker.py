"""Links shapes on consecutive frames into tracks by IoU, for formats without track ids."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from common.geometry.iou import iou_matrix
from export.parsing.reasons import ReaderError

SAME_IOU = 0.5
# The most pairs of shapes compared between two frames; where there are more, none is linked.
MOST_PAIRS = 1_000_000
Corners = tuple[float, float, float, float]


class _Last(NamedTuple):
    """The boxes and tracks of the previous row."""

    row: int
    boxes: list[Corners]
    tracks: list[int]


@dataclass(slots=True)
class IouTracker:
    """Assigns track numbers row by row, one row per frame. Only shapes of the same `kind` are linked."""

    _last: dict[Any, _Last] = field(default_factory=dict)
    _count: int = 0

    def tracks(self, kind: Any, row: int, boxes_xyxy: Sequence[Corners]) -> list[int]:
        """The track number of each box: that of the box on the previous row with the highest IoU of at least 0.5
        (greedy, best pairs first), or a new one."""
        last = self._last.get(kind)
        found: dict[int, int] = {}
        if last is not None and last.row == row - 1:
            found = {new: last.tracks[old] for old, new in _pairs(last.boxes, boxes_xyxy)}
        tracks = [found[index] if index in found else self._next() for index in range(len(boxes_xyxy))]
        self._last[kind] = _Last(row, list(boxes_xyxy), tracks)
        return tracks

    def _next(self) -> int:
        self._count += 1
        return self._count


def _pairs(old: Sequence[Corners], new: Sequence[Corners]) -> list[tuple[int, int]]:
    """Pairs of previous and current boxes, each used at most once."""
    if not old or not new or len(old) * len(new) > MOST_PAIRS:
        return []
    overlaps = iou_matrix(np.array(old, np.float64), np.array(new, np.float64))
    befores, afters = np.nonzero(overlaps >= SAME_IOU)
    best_first = np.argsort(-overlaps[befores, afters], kind="stable")
    used_old: set[int] = set()
    used_new: set[int] = set()
    found = []
    for before, after in zip(befores[best_first].tolist(), afters[best_first].tolist(), strict=True):
        if before not in used_old and after not in used_new:
            used_old.add(before)
            used_new.add(after)
            found.append((before, after))
    return found


def bounding_box(points: Sequence[tuple[float, float]]) -> Corners:
    """The upright bounding box of points.

    Raises:
        ValueError: the data does not follow the format.
    """
    found = min(x for x, _ in points), min(y for _, y in points), max(x for x, _ in points), max(y for _, y in points)
    if not all(map(math.isfinite, found)):
        raise ReaderError("coordinate_not_finite")
    return found
