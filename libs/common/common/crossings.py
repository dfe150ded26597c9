"""Whether an outline meets itself."""

from collections.abc import Sequence
from itertools import pairwise
from operator import itemgetter

import numpy as np
from numpy.typing import NDArray

from common.geometry import Point
from common.rings import without_repeats

Floats = NDArray[np.float64]
# One side of a ring from its left end to its right one (of two above each other, from the upper one).
Side = tuple[float, float, float, float]


def is_simple(ring: Sequence[Point] | Floats) -> bool:
    """Whether a ring encloses something and no two of its sides have a point in common but the one that joins
    neighbours.

    A line sweeps from left to right over the ring's points and knows the sides that it crosses in their order; sides
    that meet are neighbours in it before they do (Shamos and Hoey 1976). O(n log n), however the sides lie.
    """
    points: list[Point] = without_repeats(np.asarray(ring, np.float64).reshape(-1, 2), closed=True).tolist()
    count = len(points)
    if count < 3 or len(set(map(tuple, points))) < count:
        return False
    sides = [_side(points[at], points[(at + 1) % count]) for at in range(count)]
    crossed: list[int] = []
    for at, point in sorted(enumerate(points), key=itemgetter(1)):
        joined = ((at - 1) % count, at)
        begun = [side for side in joined if sides[side][:2] == tuple(point)]
        begin, end = _through(crossed, sides, *point)
        # All that pass through the point must end there, and be found there.
        if set(crossed[begin:end]) != set(joined) - set(begun):
            return False
        if len(begun) == 2:
            turn = _turn(sides[begun[0]], *sides[begun[1]][2:])
            if turn == 0:
                return False
            begun = begun if turn > 0 else begun[::-1]
        crossed[begin:end] = begun
        new_neighbours = pairwise(crossed[max(begin - 1, 0) : begin + len(begun) + 1])
        if any(_meet(sides, one, other) for one, other in new_neighbours):
            return False
    return True


def _side(here: Point, there: Point) -> Side:
    (x1, y1), (x2, y2) = sorted((here, there))
    return x1, y1, x2, y2


def _through(crossed: list[int], sides: list[Side], x: float, y: float) -> tuple[int, int]:
    """Which run of the crossed sides, which are in order from above, passes through a point."""
    low, high = 0, len(crossed)
    while low < high:
        middle = (low + high) // 2
        if _turn(sides[crossed[middle]], x, y) > 0:
            low = middle + 1
        else:
            high = middle
    while high < len(crossed) and _turn(sides[crossed[high]], x, y) == 0:
        high += 1
    return low, high


def _turn(side: Side, x: float, y: float) -> float:
    """Positive if a point is below a side, negative if above, 0 if on its line."""
    x1, y1, x2, y2 = side
    return (x2 - x1) * (y - y1) - (y2 - y1) * (x - x1)


def _meet(sides: list[Side], one: int, other: int) -> bool:
    """Whether two sides have a point in common; neighbours of the ring have, and are no matter."""
    if abs(one - other) in (1, len(sides) - 1):
        return False
    first, second = sides[one], sides[other]
    if first[2] < second[0] or max(first[1], first[3]) < min(second[1], second[3]):
        return False
    if second[2] < first[0] or max(second[1], second[3]) < min(first[1], first[3]):
        return False
    return _reaches(first, second) and _reaches(second, first)


def _reaches(side: Side, other: Side) -> bool:
    """Whether the other side has points on both sides of the line through a side, or on it."""
    begin, end = _turn(side, *other[:2]), _turn(side, *other[2:])
    return not (begin > 0 < end or begin < 0 > end)
