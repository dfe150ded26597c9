"""Outlines on their way from one keyframe to the next."""

import time

import numpy as np
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from numpy.typing import NDArray

from common.crossings import is_simple
from common.outlines import matched, matched_rings
from common.rings import signed_area

Floats = NDArray[np.float64]
SHARES = (0.01, 0.25, 0.5, 0.75, 0.99)
SQUARE = np.array([[0, 0], [100, 0], [100, 100], [0, 100]], np.float64)


def between(left: Floats, right: Floats, share: float, *, closed: bool = True) -> Floats:
    start, end = matched(left, right, closed=closed)
    return start + (end - start) * share


@st.composite
def stars(draw: st.DrawFn) -> Floats:
    """A simple ring around a point, of 3 to 40 points, some of them far out."""
    count = draw(st.integers(3, 40))
    radii = np.array(draw(st.lists(st.floats(40, 100), min_size=count, max_size=count)))
    jitter = np.array(draw(st.lists(st.floats(0, 0.5), min_size=count, max_size=count)))
    angles = (np.arange(count) + jitter) * 2 * np.pi / count
    return np.stack([np.cos(angles) * radii, np.sin(angles) * radii], axis=1) + 500


def turned(ring: Floats, degrees: float) -> Floats:
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    return (ring - ring.mean(axis=0)) @ np.array([[c, s], [-s, c]]) + ring.mean(axis=0)


def drawn_anew(ring: Floats, start: int, *, backwards: bool) -> Floats:
    rolled = np.roll(ring, -(start % len(ring)), axis=0)
    return rolled[::-1] if backwards else rolled


@given(stars(), st.integers(0, 39), st.booleans(), st.floats(-300, 300), st.floats(0.5, 2))
def test_a_ring_drawn_anew_from_any_point_either_way_moves_and_grows_as_a_whole(
    ring: Floats, start: int, backwards: bool, dx: float, factor: float
) -> None:
    goal = (ring - 500) * factor + 500 + dx
    # An outline that is like itself when it is turned may as well go over into itself turned.
    assume(is_like_no_other(ring))

    for share in SHARES:
        found = between(ring, drawn_anew(goal, start, backwards=backwards), share)

        expected = ring + (goal - ring) * share
        assert np.sort(found, axis=0) == pytest.approx(np.sort(expected, axis=0), abs=1e-6)


def is_like_no_other(ring: Floats) -> bool:
    """Whether turning its points on by any number gives something that is clearly another shape."""
    centred = ring - ring.mean(axis=0)
    fits = [np.sum(centred * np.roll(centred, -k, axis=0)) / np.sum(centred * centred) for k in range(1, len(ring))]
    return max(fits) < 1 - 1e-6


@given(stars())
def test_between_equal_rings_is_the_ring(ring: Floats) -> None:
    for share in SHARES:
        assert between(ring, ring.copy(), share) == pytest.approx(ring, abs=1e-9)


@given(stars(), st.integers(0, 39), st.booleans(), st.floats(-40, 40), st.floats(0.7, 1.4), st.integers(0, 2**32))
def test_a_simple_ring_stays_simple_and_never_turns_inside_out_on_the_way_to_a_similar_one(
    ring: Floats, start: int, backwards: bool, degrees: float, factor: float, seed: int
) -> None:
    noise = np.random.default_rng(seed).uniform(-0.5, 0.5, ring.shape)
    goal = turned((ring + noise - 500) * factor, degrees) + 650
    assume(is_simple(goal))

    for share in SHARES:
        found = between(ring, drawn_anew(goal, start, backwards=backwards), share)

        assert is_simple(found)
        assert signed_area(found) > 0.3 * min(signed_area(ring), signed_area(goal))


@given(st.integers(3, 60), st.integers(3, 60), st.floats(0, 6.3), st.booleans(), st.floats(0.5, 2), st.floats(0.5, 2))
@example(5, 8, 0.0, False, 1.0, 1.0)
def test_ovals_of_any_number_of_points_stay_simple_and_about_as_large(
    before: int, after: int, start: float, backwards: bool, wide: float, high: float
) -> None:
    left, right = oval(before, 0.0, 100, 60), oval(after, start, 100 * wide, 60 * high) + 30
    right = right[::-1] if backwards else right

    for share in SHARES:
        found = between(left, right, share)

        assert is_simple(found)
        least = min(signed_area(left), abs(signed_area(right)))
        assert signed_area(found) > 0.6 * least


def oval(count: int, start: float, rx: float, ry: float) -> Floats:
    angles = start + np.arange(count) * 2 * np.pi / count
    return np.stack([np.cos(angles) * rx, np.sin(angles) * ry], axis=1)


@given(stars(), stars())
def test_it_begins_as_the_left_one_and_ends_as_the_right_one(left: Floats, right: Floats) -> None:
    start, end = matched(left, right, closed=True)

    assert abs(signed_area(start) - signed_area(left)) < 1e-6
    assert abs(abs(signed_area(end)) - abs(signed_area(right))) < 1e-6
    assert len(start) == len(end) <= len(left) + len(right)
    assert {tuple(point) for point in left.tolist()} <= {tuple(point) for point in start.tolist()}
    assert {tuple(point) for point in right.tolist()} <= {tuple(point) for point in end.tolist()}


@given(st.lists(st.tuples(stars(), stars()), max_size=5))
def test_many_at_once_are_each_as_alone(pairs: list[tuple[Floats, Floats]]) -> None:
    together = matched_rings([left for left, _ in pairs], [right for _, right in pairs])

    for found, (left, right) in zip(together, pairs, strict=True):
        alone = matched(left, right, closed=True)
        assert np.array_equal(found[0], alone[0])
        assert np.array_equal(found[1], alone[1])


@given(stars(), st.floats(-300, 300), st.booleans())
def test_a_line_drawn_from_either_end_moves_as_a_whole(ring: Floats, dx: float, backwards: bool) -> None:
    line = ring[np.argsort(ring[:, 0])]
    goal = line + dx

    found = between(line, goal[::-1] if backwards else goal, 0.5, closed=False)

    assert found == pytest.approx(line + dx / 2, abs=1e-6)


def test_repeated_points_and_single_points_go_over_into_anything() -> None:
    thrice = np.repeat(SQUARE, 3, axis=0)
    point = np.array([[7.0, 7.0]])

    assert between(thrice, SQUARE + 10, 0.5) == pytest.approx(SQUARE + 5)
    assert between(np.concatenate([SQUARE, SQUARE[:1]]), SQUARE + 10, 0.5) == pytest.approx(SQUARE + 5)
    assert between(point, SQUARE, 1.0) == pytest.approx(SQUARE)
    assert between(SQUARE, np.repeat(point, 5, axis=0), 1.0) == pytest.approx(np.repeat(point, 4, axis=0))
    assert between(point, SQUARE, 1.0, closed=False) == pytest.approx(SQUARE)


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
def test_simple_is_what_meets_itself_nowhere(ring: list[tuple[float, float]], expected: bool) -> None:
    assert is_simple(ring) is expected


@given(st.lists(st.tuples(st.integers(0, 8), st.integers(0, 8)), min_size=3, max_size=9, unique=True))
def test_simple_is_what_comparing_all_sides_says(ring: list[tuple[int, int]]) -> None:
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
    assert is_simple(np.array(ring, np.float64)) is (not crossing and not spike)


def test_ten_thousand_points_are_checked_in_less_than_a_second() -> None:
    angles = np.arange(10_000) * 2 * np.pi / 10_000
    circle = np.stack([np.cos(angles), np.sin(angles)], axis=1) * 500
    teeth = np.stack([np.arange(10_000) * 0.1, np.arange(10_000) % 2 * 900.0], axis=1)
    comb = np.concatenate([teeth, [[1000, 1000], [0, 1000]]])

    before = time.process_time()
    assert is_simple(circle)
    assert is_simple(comb)
    assert is_simple(turned(comb, 45))
    assert not is_simple(np.concatenate([circle[:5000], circle[5000:][::-1]]))
    assert time.process_time() - before < 1
