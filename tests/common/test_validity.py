"""Self-intersection of rings."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from common.geometry.validity import are_simple, is_simple

Floats = NDArray[np.float64]


@pytest.mark.parametrize(
    ("ring", "expected"),
    [
        ([(0, 0), (10, 0), (10, 10)], True),
        ([(0, 0), (10, 10), (10, 0), (0, 10)], False),
        ([(0, 0), (10, 0), (10, 10), (5, 0), (0, 10)], False),
        ([(0, 0), (10, 0), (5, 0), (5, 10)], False),
        ([(0, 0), (10, 0), (10, 0), (10, 10), (0, 0)], True),
        ([(0, 0), (5, 0), (10, 0), (10, 10)], True),
        ([(0, 0), (10, 0)], False),
        ([(0, 0), (10, 0), (20, 0)], False),
        ([], False),
    ],
)
def test_rings_without_self_intersection_are_simple(ring: list[tuple[float, float]], expected: bool) -> None:
    assert is_simple(ring) is expected


@given(st.lists(st.tuples(st.integers(0, 8), st.integers(0, 8)), min_size=3, max_size=9, unique=True))
def test_is_simple_equals_comparing_all_sides(ring: list[tuple[int, int]]) -> None:
    points = [complex(x, y) for x, y in ring]
    count = len(points)

    def side(a: complex, b: complex, c: complex) -> float:
        return ((b - a).conjugate() * (c - a)).imag

    def on(a: complex, b: complex, c: complex) -> bool:
        return side(a, b, c) == 0 and ((b - a).conjugate() * (c - a)).real >= 0 <= ((a - b).conjugate() * (c - b)).real

    def meet(a: complex, b: complex, c: complex, d: complex) -> bool:
        across = side(a, b, c) * side(a, b, d) < 0 and side(c, d, a) * side(c, d, b) < 0
        return across or on(a, b, c) or on(a, b, d) or on(c, d, a) or on(c, d, b)

    crossing = any(
        meet(points[i], points[i + 1], points[j], points[(j + 1) % count])
        for i in range(count - 1)
        for j in range(i + 2, count)
        if (j + 1) % count != i
    )
    spike = any(
        side(points[i - 1], points[i], points[(i + 1) % count]) == 0
        and ((points[i] - points[i - 1]).conjugate() * (points[(i + 1) % count] - points[i])).real < 0
        for i in range(count)
    )
    expected = not crossing and not spike
    assert is_simple(np.array(ring, np.float64)) is expected
    assert is_simple(finely(np.array(ring, np.float64))) is expected


def finely(ring: Floats) -> Floats:
    """The same ring with many more points, at exactly representable coordinates."""
    shares = np.arange(16)[:, None, None] / 16
    return np.concatenate(np.swapaxes(ring + (np.roll(ring, -1, axis=0) - ring) * shares, 0, 1))


def a_circle(count: int) -> Floats:
    angles = np.arange(count) * 2 * np.pi / count
    return np.stack([np.cos(angles), np.sin(angles)], axis=1) * 500


def a_comb(count: int, degrees: float) -> Floats:
    """A comb whose teeth are all crossed by one sweep line from the side."""
    teeth = np.stack([np.arange(count) * 1000 / count, np.arange(count) % 2 * 900.0], axis=1)
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    return np.asarray(np.concatenate([teeth, [[1000, 1000], [0, 1000]]]) @ np.array([[c, s], [-s, c]]))


@pytest.mark.parametrize(
    ("ring", "expected"),
    [
        (a_circle(10_000), True),
        (a_comb(10_000, 0), True),
        (a_comb(10_000, 45), True),
        (a_comb(10_000, 90), True),
        (np.random.default_rng(1).uniform(0, 1000, (100_000, 2)), False),
        (np.concatenate([a_circle(100_000)[:50_000], a_circle(100_000)[50_000:][::-1]]), False),
    ],
)
def test_large_rings_are_checked(ring: Floats, expected: bool) -> None:
    assert is_simple([(x, y) for x, y in ring.tolist()]) is expected


@pytest.mark.parametrize(
    "ring", [[(0, 0), (1, 0), (0, 0)], [(0, 0), (1, np.nan), (1, 1)], [(0, 0), (np.inf, 0), (1, 1)]]
)
def test_degenerate_rings_are_not_simple(ring: list[tuple[float, float]]) -> None:
    assert is_simple(ring) is False


def test_many_rings_are_checked_at_once() -> None:
    square, bow = np.array([[0, 0], [4, 0], [4, 4], [0, 4.0]]), np.array([[0, 0], [4, 4], [4, 0], [0, 4.0]])

    assert are_simple([square, bow, square[:2], square]).tolist() == [True, False, False, True]
    assert are_simple([]).tolist() == []
