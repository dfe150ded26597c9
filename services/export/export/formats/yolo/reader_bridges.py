"""Splits polygons whose parts and holes the writer joined by bridges."""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from common.geometry.masks import rasterize
from common.geometry.rings import signed_area
from common.geometry.types import Part, Point, Polygon

Ring = list[Point]
# Limits the pairs of rings that malicious files can cause.
_MOST_RINGS = 256
_LOOKED_AT = 8


def split_bridges(ring: Ring, size: tuple[int, int]) -> Polygon:
    """The polygon of a ring, split into parts and holes if these cover the same pixels on an image of this size."""
    joined = Polygon(parts=[Part(outer=ring)])
    rings = [part for part in split_rings(ring) if len(part) > 2 and signed_area(np.array(part))]
    if not 1 < len(rings) <= _MOST_RINGS:
        return joined
    split = Polygon(parts=list(_nested(rings)))
    try:
        return split if rasterize(split, size) == rasterize(joined, size) else joined
    except ValueError:
        return joined


def split_rings(ring: Ring) -> Iterator[Ring]:
    """The rings that remain when edges walked in both directions are removed."""
    count = len(ring)
    # Each edge starts at the point with its index; `before` and `after` are its neighboring edges.
    before, after = [count - 1, *range(count - 1)], [*range(1, count), 0]
    open_edges: dict[tuple[Point, Point], list[int]] = {}
    removed: set[int] = set()
    for edge in range(count):
        start, end = ring[edge], ring[(edge + 1) % count]
        if twins := open_edges.get((end, start)):
            removed |= {edge, twins[-1]}
            _unlink(edge, twins.pop(), before, after)
        else:
            open_edges.setdefault((start, end), []).append(edge)
    for first in range(count):
        edge, points = first, []
        while edge not in removed:
            removed.add(edge)
            points.append(ring[edge])
            edge = after[edge]
        if points:
            yield points


def _unlink(edge: int, twin: int, before: list[int], after: list[int]) -> None:
    """Reconnect the edges around a removed pair."""
    ends = [(before[edge], after[twin]), (before[twin], after[edge])]
    for left, right in ends:
        if left not in (edge, twin):
            after[left], before[right] = right, left


def _nested(rings: Sequence[Ring]) -> Iterator[Part]:
    """Rings as parts with holes, by nesting depth."""
    points = [np.array(ring) for ring in rings]
    within = np.array(
        [
            [ring_points is not other_points and _is_within(ring_points, other_points) for other_points in points]
            for ring_points in points
        ]
    )
    depths = within.sum(axis=1)
    for at, ring in enumerate(rings):
        if depths[at] % 2 == 0:
            holes = np.flatnonzero(within[:, at] & (depths == depths[at] + 1)).tolist()
            yield Part(outer=ring, holes=[rings[hole] for hole in holes])


def _is_within(ring: NDArray[np.float64], other: NDArray[np.float64]) -> bool:
    """Whether most sampled points of a ring are inside another; a few may be on its border."""
    x, y = ring[:: max(1, len(ring) // _LOOKED_AT)].T[:, :, None]
    x1, y1 = other.T
    x2, y2 = np.roll(other, -1, axis=0).T
    crosses = (y1 > y) != (y2 > y)
    crossing_x = x1 + (y - y1) * (x2 - x1) / np.where(crosses, y2 - y1, 1.0)
    return bool(((crosses & (x < crossing_x)).sum(axis=1) % 2).mean() > 0.5)
