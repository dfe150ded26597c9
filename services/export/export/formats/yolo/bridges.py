"""Joins areas of several rings to one ring, for formats with one ring per object."""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from math import ceil

import numpy as np
from numpy.typing import NDArray

from common.geometry.types import Point

Ring = NDArray[np.float64]
# Of long rings, only every n-th point is compared, to avoid millions of pairs.
_LOOKED_AT = 256


def bridge_parts(rings: Iterable[Sequence[Point]]) -> Ring:
    """One ring [n, 2] around the area inside an odd number of `rings`: bridges lead from each ring to the next and back
    the same way, so they enclose nothing."""
    arrays = [np.array(ring, np.float64) for ring in rings if len(ring) > 2]
    if not arrays:
        return np.empty((0, 2))
    outward: list[Ring] = []
    homeward: list[Ring] = []
    start = 0
    for ring, next_ring in pairwise(arrays):
        exit_index, entry_index = _nearest(ring, next_ring)
        closed = np.append(np.roll(np.arange(len(ring)), -start), start)
        at = int(np.flatnonzero(closed == exit_index)[0])
        outward.append(ring[closed[: at + 1]])
        homeward.append(ring[closed[at:]])
        start = entry_index
    last = np.roll(arrays[-1], -start, axis=0)
    if not outward:
        return last
    # The first point of the first ring closes the result.
    return np.concatenate([*outward, last, last[:1], *reversed(homeward)])[:-1]


def _nearest(first: Ring, second: Ring) -> tuple[int, int]:
    """The indices of two points, one per ring, that are close to each other."""
    first_step, second_step = ceil(len(first) / _LOOKED_AT), ceil(len(second) / _LOOKED_AT)
    distances = ((first[::first_step, None] - second[None, ::second_step]) ** 2).sum(axis=2)
    first_index, second_index = divmod(int(distances.argmin()), distances.shape[1])
    return first_index * first_step, second_index * second_step
