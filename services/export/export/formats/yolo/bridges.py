"""Areas of several outlines as one outline, for formats that have one an object."""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from math import ceil

import numpy as np
from numpy.typing import NDArray

from common.geometry.types import Point

Ring = NDArray[np.float64]
# Of long outlines only every n-th point is looked at, so that millions of pairs are not.
_LOOKED_AT = 256


def bridge_parts(rings: Iterable[Sequence[Point]]) -> Ring:
    """One outline [n, 2] around what is within an odd number of `rings`: from each ring a line goes to the next and
    comes back the same way, which encloses nothing."""
    found = [np.array(ring, np.float64) for ring in rings if len(ring) > 2]
    if not found:
        return np.empty((0, 2))
    there: list[Ring] = []
    back: list[Ring] = []
    entered = 0
    for ring, following in pairwise(found):
        leaves, enters = _nearest(ring, following)
        closed = np.append(np.roll(np.arange(len(ring)), -entered), entered)
        at = int(np.flatnonzero(closed == leaves)[0])
        there.append(ring[closed[: at + 1]])
        back.append(ring[closed[at:]])
        entered = enters
    last = np.roll(found[-1], -entered, axis=0)
    if not there:
        return last
    # The first ring's first point closes the outline of itself.
    return np.concatenate([*there, last, last[:1], *reversed(back)])[:-1]


def _nearest(one: Ring, other: Ring) -> tuple[int, int]:
    """Which two of their points are near each other."""
    here, there = ceil(len(one) / _LOOKED_AT), ceil(len(other) / _LOOKED_AT)
    apart = ((one[::here, None] - other[None, ::there]) ** 2).sum(axis=2)
    at, to = divmod(int(apart.argmin()), apart.shape[1])
    return at * here, to * there
