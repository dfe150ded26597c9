"""Correspondence of two contours: pairs of points such that linear interpolation between them neither flips, collapses
nor rotates the contour. The browser implements the same algorithm:

1. Normalization. A point that equals the previous one is removed; in a ring also the last one if it equals the first.
   Left then has n points, right m. A *position* is the length along the contour from its first point, divided by the
   total length: 0 to 1 (including a ring's closing side). If one contour is a single point, all points of the second
   one are paired with it, and the following steps are skipped.
2. Direction. If the signed areas (shoelace) of two rings differ in sign, right is reversed and keeps its first point.
   A line is reversed if 1 - c(reversed) < (1 - c(original)) / 4, where c is the *correlation* of 128 points of each
   contour at positions i/127: both sets minus their mean, the sum of products divided by the root of the product of
   the sums of squares. Translation and scale therefore have no influence.
3. Pairs by index, if n = m. For a ring, *f(k)* measures the fit of left[i] with right[(i + k) mod n]: with z(k) their
   correlation as complex numbers x + iy, left conjugated, f = |z| - (1 - Re z / max(|z|, 1e-12))³. |z| is the
   similarity under the best rotation of right; the second term is close to zero for small rotations and excludes large
   ones. The start is the smallest k with f(k) ≥ max f - 1e-9 if 1 - max f < (1 - f(0)) / 4, else 0: an edited copy
   keeps its first vertex. Right is rotated to start at k; for a line, k is 0. If then, for every i, right i is nearest
   to left i by position, and vice versa (as in 5, with positions from the new start), these pairs are final.
4. Phase, for pairs by length. For a ring, 128 points at positions i/128 of each, and the shift k chosen by the rule in
   3 from f(k); the phase is 0 if k = 0, else (k + d)/128 with d = (f(k-1) - f(k+1)) / (2·(f(k-1) - 2·f(k) + f(k+1)))
   (neighbors modulo 128; 0 if the divisor is above -1e-12), limited to ±0.5. The positions b of right become
   (b - phase) mod 1, and right starts at the smallest of them. The phase of a line is 0.
5. Anchors, for pairs by length. Anchors are pairs of points that are mutually nearest by position (cyclic in a ring).
   Of two equally near points (within 1e-9) the earlier one is the nearest; line ends are anchors, too. The
   position of an anchor on right is left's position plus the cyclic difference to right's, in [-0.5, 0.5).
6. Points between anchors. From each anchor to the next, around the ring, every other point is paired with the point of
   the opposite contour at the same fraction of the length between these anchors. Pairs are sorted in that order from
   the first anchor on; at equal fractions, left's point is first.
7. Choice. If n = m, the pairs by index are used unless the pairs by length have less than a quarter of their movement.
   A pair moves by d = right - left, linear along each side between two pairs; *movement* is the mean of |d - mean d|²,
   with each side weighted by half its share of left's length plus half its share of right's.

Between keyframes, each pair is interpolated linearly. Pairing by the nearest position originates from CVAT, where
vertices without a partner emerge from a neighbor or are dropped, and winding and start point matter.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from common.geometry.rings import (
    close_rings,
    drop_repeated_points,
    points_at,
    relative_lengths,
    repeats_previous,
    signed_area,
    signed_areas,
)

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
PointPairs = tuple[Floats, Floats]

SAMPLES = 128
EQUAL = 1e-9
# A redrawn contour fits several times better after rotation; an edited copy does not.
CLEARLY = 4.0
NOTHING = 1e-12


def match_contours(left: Floats, right: Floats, *, closed: bool) -> PointPairs:
    """Pairs [l, 2], [l, 2] of points on two contours [n, 2], [m, 2] of at least one point each."""
    left, right = drop_repeated_points(left, closed=closed), drop_repeated_points(right, closed=closed)
    count = max(len(left), len(right))
    if len(left) == 1 or len(right) == 1:
        return np.broadcast_to(left, (count, 2)), np.broadcast_to(right, (count, 2))
    right = _directed_ring(left, right) if closed else _directed_line(left, right)
    if len(left) != len(right):
        return _by_length(left, right, closed=closed)
    (by_index,), (is_also_by_length,) = _by_index(left[None], right[None], closed=closed)
    if is_also_by_length:
        return left, by_index
    by_length = _by_length(left, right, closed=closed)
    keeps_index = _movement(*by_length, closed=closed) >= _movement(left, by_index, closed=closed) / CLEARLY
    return (left, by_index) if keeps_index else by_length


def match_rings(lefts: Sequence[Floats], rights: Sequence[Floats]) -> list[PointPairs]:
    """The pairs of points for each of many pairs of rings, vectorized by ring size. Empty rings have no pairs."""
    by_index: dict[int, PointPairs] = {}
    sizes = np.array([(len(left), len(right)) for left, right in zip(lefts, rights, strict=True)]).reshape(-1, 2)
    for count in np.unique(sizes[(sizes[:, 0] == sizes[:, 1]) & (sizes[:, 0] > 1), 0]):
        which = np.flatnonzero((sizes == count).all(axis=1))
        left, right = np.stack([lefts[at] for at in which.tolist()]), np.stack([rights[at] for at in which.tolist()])
        is_plain = ~(repeats_previous(left) | repeats_previous(right)).any(axis=1) & (
            signed_areas(left) * signed_areas(right) >= 0
        )
        left, which = left[is_plain], which[is_plain]
        right, is_also_by_length = _by_index(left, right[is_plain], closed=True)
        by_index.update((int(which[at]), (left[at], right[at])) for at in np.flatnonzero(is_also_by_length))
    return [
        by_index.get(at) or (match_contours(left, right, closed=True) if len(left) else (left, left))
        for at, (left, right) in enumerate(zip(lefts, rights, strict=True))
    ]


def _samples(points: Floats, *, closed: bool) -> Floats:
    at = np.arange(SAMPLES) / (SAMPLES if closed else SAMPLES - 1)
    return _centered(points_at(points, relative_lengths(points, closed=closed), at, closed=closed))


def _directed_ring(left: Floats, right: Floats) -> Floats:
    is_opposite = signed_area(left) * signed_area(right) < 0
    return np.concatenate([right[:1], right[:0:-1]]) if is_opposite else right


def _directed_line(left: Floats, right: Floats) -> Floats:
    left_samples, right_samples = _samples(left, closed=False), _samples(right, closed=False)
    norm = _norms(left_samples, right_samples)
    forward = np.sum(left_samples * right_samples) / norm
    reverse = np.sum(left_samples * right_samples[::-1]) / norm
    return right[::-1] if 1 - reverse < (1 - forward) / CLEARLY else right


def _centered(points: Floats) -> Floats:
    return np.asarray(points - points.mean(axis=-2, keepdims=True))


def _norms(left: Floats, right: Floats) -> Floats:
    """The divisors [...] of correlations. Infinite if all samples of a contour are at one point."""
    norms = np.sqrt(np.sum(left * left, axis=(-2, -1)) * np.sum(right * right, axis=(-2, -1)))
    return np.where(norms > 0, norms, np.inf)


def _shifted(left: Floats, right: Floats) -> tuple[Ints, Floats]:
    """The shift [...] of right [..., n, 2] that fits left best, and the fit of every shift [..., n]."""
    centered = [_centered(points) for points in (left, right)]
    spectra = [np.fft.fft(points[..., 0] + 1j * points[..., 1]) for points in centered]
    correlations = np.fft.ifft(spectra[0].conj() * spectra[1]) / _norms(*centered)[..., None]
    similarity = np.abs(correlations)
    fits = similarity - (1 - correlations.real / np.maximum(similarity, NOTHING)) ** 3
    best = fits.max(axis=-1)
    is_clear = 1 - best < (1 - fits[..., 0]) / CLEARLY
    return np.where(is_clear, np.argmax(fits >= best[..., None] - EQUAL, axis=-1), 0), fits


def _phase(left: Floats, right: Floats) -> float:
    shifts, fits = _shifted(_samples(left, closed=True), _samples(right, closed=True))
    shift = int(shifts)
    if shift == 0:
        return 0.0
    before, here, after = fits[shift - 1], fits[shift], fits[(shift + 1) % SAMPLES]
    bend = before - 2 * here + after
    peak = (before - after) / (2 * bend) if bend < -1e-12 else 0.0
    return float(shift + np.clip(peak, -0.5, 0.5)) / SAMPLES


def _nearest(of: Floats, among: Floats, *, closed: bool) -> Ints:
    """For each position the index of the nearest one among ascending positions; of equally near ones the earlier."""
    count = len(among)
    ends = (among[-1] - 1, among[0] + 1) if closed else (-np.inf, np.inf)
    around = np.concatenate([ends[:1], among, ends[1:]])
    after = np.searchsorted(among, of) + 1
    is_before = of - around[after - 1] <= around[after] - of + EQUAL
    return np.asarray((after - 1 - is_before) % count)


def _by_index(left: Floats, right: Floats, *, closed: bool) -> tuple[Floats, Bools]:
    """Right [p, n, 2], shifted to pair with left by index, and whether [p] these pairs are also nearest by position."""
    if closed:
        at = (_shifted(left, right)[0][:, None] + np.arange(left.shape[1])) % left.shape[1]
        right = np.take_along_axis(right, at[:, :, None], axis=1)
    along_left, along_right = relative_lengths(left, closed=closed), relative_lengths(right, closed=closed)
    is_nearest = _has_own_nearest(along_left, along_right, closed=closed)
    return right, is_nearest & _has_own_nearest(along_right, along_left, closed=closed)


def _has_own_nearest(of: Floats, among: Floats, *, closed: bool) -> Bools:
    """[p] whether the nearest position `among` [p, n] to every position `of` [p, n] is the one with the same index."""
    ends = (among[:, -1:] - 1, among[:, :1] + 1) if closed else np.full((2, len(among), 1), [[[-np.inf]], [[np.inf]]])
    before = np.concatenate([ends[0], among[:, :-1]], axis=1)
    after = np.concatenate([among[:, 1:], ends[1]], axis=1)
    return np.asarray(((of - before > among - of + EQUAL) & (of - among <= after - of + EQUAL)).all(axis=1))


def _by_length(left: Floats, right: Floats, *, closed: bool) -> PointPairs:
    along_left, along_right = relative_lengths(left, closed=closed), relative_lengths(right, closed=closed)
    if closed:
        along_right = (along_right - _phase(left, right)) % 1.0
        first = int(np.argmin(along_right))
        right, along_right = np.roll(right, -first, axis=0), np.roll(along_right, -first)
    at_left, at_right = _anchors(along_left, along_right, closed=closed)
    if not len(at_left):
        raise ValueError("the coordinates are too large to compute a length")
    from_left, from_right = along_left[at_left], along_right[at_right]
    if closed:
        from_right = from_left + (from_right - from_left + 0.5) % 1.0 - 0.5
        from_left, from_right = np.append(from_left, from_left[0] + 1), np.append(from_right, from_right[0] + 1)
    # The step of a point: the number of its anchor plus the fraction of the length up to the next anchor.
    numbers = np.arange(len(from_left), dtype=np.float64)
    steps_left = np.interp(_unrolled(along_left, from_left, closed=closed), from_left, numbers)
    steps_left[at_left] = numbers[: len(at_left)]
    is_free = np.ones(len(right), np.bool_)
    is_free[at_right] = False
    steps_free = np.interp(_unrolled(along_right[is_free], from_right, closed=closed), from_right, numbers)
    on_left = points_at(left, along_left, np.interp(steps_free, numbers, from_left), closed=closed)
    on_right = points_at(right, along_right, np.interp(steps_left, numbers, from_right), closed=closed)
    on_right[at_left] = right[at_right]
    order = np.argsort(np.concatenate([steps_left, steps_free]), kind="stable")
    return np.concatenate([left, on_left])[order], np.concatenate([on_right, right[is_free]])[order]


def _anchors(along_left: Floats, along_right: Floats, *, closed: bool) -> tuple[Ints, Ints]:
    """The indices of the points on both sides that are mutually nearest, in left's order."""
    there = _nearest(along_left, along_right, closed=closed)
    is_anchor = _nearest(along_right, along_left, closed=closed)[there] == np.arange(len(along_left))
    if not closed:
        last = len(along_right) - 1
        is_anchor &= (there != 0) & (there != last)
        is_anchor[[0, -1]] = True
        there[[0, -1]] = 0, last
    at_left = np.flatnonzero(is_anchor)
    return at_left, there[at_left]


def _unrolled(along: Floats, anchors: Floats, *, closed: bool) -> Floats:
    """Positions from the first anchor on, cyclic in a ring."""
    return anchors[0] + (along - anchors[0]) % 1.0 if closed else along


def _movement(left: Floats, right: Floats, *, closed: bool) -> float:
    """The mean squared displacement along the sides, in px², relative to the mean displacement."""
    if closed:
        left, right = close_rings(left), close_rings(right)
    sides = [np.hypot(*np.diff(points, axis=0).T) for points in (left, right)]
    weights = (sides[0] / sides[0].sum() + sides[1] / sides[1].sum()) / 2
    moved = _centered(right - left)
    here, there = moved[:-1], moved[1:]
    mean = weights @ (here + there) / 2
    squares = (here * here + here * there + there * there).sum(axis=1) / 3
    return float(weights @ squares - mean @ mean)
