"""Whether an outline meets itself."""

from collections.abc import Sequence
from itertools import pairwise
from operator import itemgetter

import numpy as np
from numpy.typing import NDArray

from common.geometry.types import Point

Floats = NDArray[np.float64]
# Up to so many sides comparing each with each is faster than sweeping: 4 sides take 8 µs instead of 28.
FEW = 32
# One side of a ring from its left end to its right one (of two above each other, from the upper one).
Side = tuple[float, float, float, float]


def is_simple(ring: Sequence[Point] | Floats) -> bool:
    """Whether a ring encloses something and no two of its sides have a point in common but the one that joins
    neighbours.

    Of few sides each is compared with each, of many only those that come next to each other: O(n log n).
    """
    drawn: list[Point] = [(x, y) for x, y in (ring.tolist() if isinstance(ring, np.ndarray) else ring)]
    points = [here for before, here in zip([*drawn[-1:], *drawn], drawn, strict=False) if here != before]
    count = len(points)
    if count < 3 or len(set(points)) < count:
        return False
    sides = [_side(points[at - 1], points[at]) for at in range(count)]
    return _are_apart(points, sides) if count <= FEW else _are_apart_swept(points, sides)


def _are_apart(points: list[Point], sides: list[Side]) -> bool:
    """Whether no two sides meet, and none goes back along the one before it. Side i ends at point i."""
    for (x1, y1), (x2, y2), (x3, y3) in zip([*points[-2:], *points], [*points[-1:], *points], points, strict=False):
        right, down, on_right, on_down = x2 - x1, y2 - y1, x3 - x2, y3 - y2
        if right * on_down == down * on_right and right * on_right + down * on_down < 0:
            return False
    by_left = sorted(range(len(sides)), key=sides.__getitem__)
    for place, one in enumerate(by_left, 1):
        for other in by_left[place:]:
            if sides[other][0] > sides[one][2]:
                break
            if _meet(sides, one, other):
                return False
    return True


def _are_apart_swept(points: list[Point], sides: list[Side]) -> bool:
    """The same. A line sweeps from left to right over the points and knows the sides that it crosses in their order;
    sides that meet are neighbours in it before they do (Shamos and Hoey 1976). Side i ends at point i."""
    count = len(points)
    crossed: list[int] = []
    for at, point in sorted(enumerate(points), key=itemgetter(1)):
        joined = (at, (at + 1) % count)
        begun = [side for side in joined if sides[side][:2] == point]
        begin, end = _through(crossed, sides, *point)
        # All that pass through the point must end there, and be found there.
        ended = [side for side in joined if side not in begun]
        if crossed[begin:end] not in (ended, ended[::-1]):
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
        # As `_turn`, written out: most of the time of a long ring goes here.
        x1, y1, x2, y2 = sides[crossed[middle]]
        if (x2 - x1) * (y - y1) > (y2 - y1) * (x - x1):
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
