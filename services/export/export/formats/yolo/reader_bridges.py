"""Splits polygons whose parts and holes the writer joined by bridges."""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from common.geometry.masks import rasterize
from common.geometry.rings import signed_area
from common.geometry.types import Part, Point, Polygon

Ring = list[Point]
# So that hostile outlines do not make millions of pairs.
_MOST_RINGS = 256
_LOOKED_AT = 8


def split_bridges(ring: Ring, size: tuple[int, int]) -> Polygon:
    """The polygon of a ring, split into parts and holes if these cover the same pixels on an image of this size."""
    one = Polygon(parts=[Part(outer=ring)])
    rings = [found for found in split_rings(ring) if len(found) > 2 and signed_area(np.array(found))]
    if not 1 < len(rings) <= _MOST_RINGS:
        return one
    several = Polygon(parts=list(_nested(rings)))
    try:
        return several if rasterize(several, size) == rasterize(one, size) else one
    except ValueError:
        return one


def split_rings(ring: Ring) -> Iterator[Ring]:
    """The rings that remain when edges walked in both directions are removed."""
    count = len(ring)
    # The line from each point to the next one; which line comes before it, and which after it.
    before, after = [count - 1, *range(count - 1)], [*range(1, count), 0]
    walked: dict[tuple[Point, Point], list[int]] = {}
    gone: set[int] = set()
    for line in range(count):
        begin, end = ring[line], ring[(line + 1) % count]
        if back := walked.get((end, begin)):
            gone |= {line, back[-1]}
            _take_out(line, back.pop(), before, after)
        else:
            walked.setdefault((begin, end), []).append(line)
    for first in range(count):
        line, found = first, []
        while line not in gone:
            gone.add(line)
            found.append(ring[line])
            line = after[line]
        if found:
            yield found


def _take_out(line: int, twin: int, before: list[int], after: list[int]) -> None:
    """Reconnect the edges around a removed pair."""
    ends = [(before[line], after[twin]), (before[twin], after[line])]
    for left, right in ends:
        if left not in (line, twin):
            after[left], before[right] = right, left


def _nested(rings: Sequence[Ring]) -> Iterator[Part]:
    """Rings as parts with holes, by nesting depth."""
    points = [np.array(ring) for ring in rings]
    around = np.array([[one is not other and _is_within(one, other) for other in points] for one in points])
    depths = around.sum(axis=1)
    for at, ring in enumerate(rings):
        if depths[at] % 2 == 0:
            holes = np.flatnonzero(around[:, at] & (depths == depths[at] + 1)).tolist()
            yield Part(outer=ring, holes=[rings[hole] for hole in holes])


def _is_within(ring: NDArray[np.float64], other: NDArray[np.float64]) -> bool:
    """Whether most sampled points of a ring are inside another; a few may be on its border."""
    x, y = ring[:: max(1, len(ring) // _LOOKED_AT)].T[:, :, None]
    x1, y1 = other.T
    x2, y2 = np.roll(other, -1, axis=0).T
    crosses = (y1 > y) != (y2 > y)
    reach = x1 + (y - y1) * (x2 - x1) / np.where(crosses, y2 - y1, 1.0)
    return bool(((crosses & (x < reach)).sum(axis=1) % 2).mean() > 0.5)
