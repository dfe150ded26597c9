"""Interpolation of contours between keyframes."""

import numpy as np
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from numpy.typing import NDArray

from common.geometry.correspondence import match_contours, match_rings
from common.geometry.masks import bitmap_iou, rasterize
from common.geometry.rings import signed_area
from common.geometry.types import Part, Polygon
from common.geometry.validity import is_simple

Floats = NDArray[np.float64]
SHARES = (0.01, 0.25, 0.5, 0.75, 0.99)
SQUARE = np.array([[0, 0], [100, 0], [100, 100], [0, 100]], np.float64)


def between(left: Floats, right: Floats, share: float, *, closed: bool = True) -> Floats:
    start, end = match_contours(left, right, closed=closed)
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
    return np.asarray((ring - ring.mean(axis=0)) @ np.array([[c, s], [-s, c]]) + ring.mean(axis=0))


def drawn_anew(ring: Floats, start: int, *, backwards: bool) -> Floats:
    rolled = np.roll(ring, -(start % len(ring)), axis=0)
    return rolled[::-1] if backwards else rolled


@given(stars(), st.integers(0, 39), st.booleans(), st.floats(-300, 300), st.floats(0.5, 2))
def test_a_redrawn_ring_is_interpolated_as_a_whole(
    ring: Floats, start: int, backwards: bool, dx: float, factor: float
) -> None:
    goal = (ring - 500) * factor + 500 + dx
    # A rotationally symmetric contour may also be matched with its rotation.
    assume(is_like_no_other(ring))

    for share in SHARES:
        found = between(ring, drawn_anew(goal, start, backwards=backwards), share)

        expected = ring + (goal - ring) * share
        assert np.sort(found, axis=0) == pytest.approx(np.sort(expected, axis=0), abs=1e-6)


def is_like_no_other(ring: Floats, margin: float = 1e-6) -> bool:
    """Whether the ring differs clearly from itself after any cyclic shift of its points."""
    centred = (ring - ring.mean(axis=0)) @ (1, 1j)
    fits = [abs(np.vdot(centred, np.roll(centred, -k))) / np.vdot(centred, centred).real for k in range(1, len(ring))]
    return bool(max(fits) < 1 - margin)


@given(stars())
def test_interpolation_between_equal_rings_is_constant(ring: Floats) -> None:
    for share in SHARES:
        assert between(ring, ring.copy(), share) == pytest.approx(ring, abs=1e-9)


@given(stars(), st.integers(0, 39), st.booleans(), st.floats(-40, 40), st.floats(0.7, 1.4), st.integers(0, 2**32))
def test_interpolation_between_similar_rings_stays_simple(
    ring: Floats, start: int, backwards: bool, degrees: float, factor: float, seed: int
) -> None:
    noise = np.random.default_rng(seed).uniform(-0.5, 0.5, ring.shape)
    goal = turned((ring + noise - 500) * factor, degrees) + 650
    assume(is_simple(goal))

    for share in SHARES:
        found = between(ring, drawn_anew(goal, start, backwards=backwards), share)

        assert is_simple(found)
        assert signed_area(found) > 0.3 * min(signed_area(ring), signed_area(goal))


@given(stars(), st.integers(0, 39), st.booleans(), st.floats(-30, 30), st.floats(0.5, 2), st.floats(-300, 300))
def test_the_area_of_a_rotated_and_scaled_ring_stays_between_the_keyframes(
    ring: Floats, start: int, backwards: bool, degrees: float, factor: float, dx: float
) -> None:
    assume(is_like_no_other(ring, 0.05))
    goal = turned((ring - 500) * factor + 500, degrees) + dx
    least, most = sorted((signed_area(ring), signed_area(goal)))
    # A point of a rotated ring moves along the chord: it gets nearer to the center by at most this factor.
    chord = np.cos(np.radians(degrees / 2)) ** 2

    for share in SHARES:
        area = signed_area(between(ring, drawn_anew(goal, start, backwards=backwards), share))

        assert least * chord * (1 - 1e-9) <= area <= most * (1 + 1e-9)


@given(stars(), st.integers(0, 39), st.booleans(), st.floats(-12, 12), st.floats(-200, 200), st.floats(-200, 200))
def test_halfway_a_shape_has_moved_and_rotated_by_half(
    ring: Floats, start: int, backwards: bool, degrees: float, dx: float, dy: float
) -> None:
    assume(is_like_no_other(ring, 0.01))
    moved = np.array([dx, dy])
    goal, half = turned(ring, degrees) + moved, turned(ring, degrees / 2) + moved / 2

    found = between(ring, drawn_anew(goal, start, backwards=backwards), 0.5)

    assert (
        bitmap_iou(*(rasterize(Polygon(parts=[Part(outer=outer.tolist())])) for outer in (found * 4, half * 4))) >= 0.98
    )


@given(st.integers(3, 60), st.integers(3, 60), st.floats(0, 6.3), st.booleans(), st.floats(0.5, 2), st.floats(0.5, 2))
@example(5, 8, 0.0, False, 1.0, 1.0)
def test_ovals_of_different_point_counts_stay_simple_and_keep_their_area(
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
def test_interpolation_starts_at_the_left_and_ends_at_the_right_contour(left: Floats, right: Floats) -> None:
    start, end = match_contours(left, right, closed=True)

    assert abs(signed_area(start) - signed_area(left)) < 1e-6
    assert abs(abs(signed_area(end)) - abs(signed_area(right))) < 1e-6
    assert len(start) == len(end) <= len(left) + len(right)
    assert {tuple(point) for point in left.tolist()} <= {tuple(point) for point in start.tolist()}
    assert {tuple(point) for point in right.tolist()} <= {tuple(point) for point in end.tolist()}


@given(st.lists(st.tuples(stars(), stars()), max_size=5))
def test_vectorized_matching_equals_that_of_each_pair(pairs: list[tuple[Floats, Floats]]) -> None:
    together = match_rings([left for left, _ in pairs], [right for _, right in pairs])

    for found, (left, right) in zip(together, pairs, strict=True):
        alone = match_contours(left, right, closed=True)
        assert np.array_equal(found[0], alone[0])
        assert np.array_equal(found[1], alone[1])


@given(stars(), st.floats(-300, 300), st.booleans())
def test_a_line_redrawn_from_either_end_moves_as_a_whole(ring: Floats, dx: float, backwards: bool) -> None:
    line = ring[np.argsort(ring[:, 0])]
    goal = line + dx

    found = between(line, goal[::-1] if backwards else goal, 0.5, closed=False)

    assert found == pytest.approx(line + dx / 2, abs=1e-6)


def test_repeated_and_single_points_can_be_matched() -> None:
    thrice = np.repeat(SQUARE, 3, axis=0)
    point = np.array([[7.0, 7.0]])

    assert between(thrice, SQUARE + 10, 0.5) == pytest.approx(SQUARE + 5)
    assert between(np.concatenate([SQUARE, SQUARE[:1]]), SQUARE + 10, 0.5) == pytest.approx(SQUARE + 5)
    assert between(point, SQUARE, 1.0) == pytest.approx(SQUARE)
    assert between(SQUARE, np.repeat(point, 5, axis=0), 1.0) == pytest.approx(np.repeat(point, 4, axis=0))
    assert between(point, SQUARE, 1.0, closed=False) == pytest.approx(SQUARE)
