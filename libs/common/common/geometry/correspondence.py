"""Which place on one outline goes to which place on another, so that going straight from one to the other neither
flips, collapses nor swims. The browser does the same, step by step:

1. A point that equals the one before it is left out; in a ring also the last one if it equals the first. Left has
   then n points, right m. A *position* is the length along the outline from its first point, divided by the whole
   length: 0 up to 1 (a ring's side from its last to its first point counts). If one of them is a single point,
   every point of the other is paired with it and that is all.
2. Direction. A ring whose signed area (shoelace) has the other sign is turned round, its first point stays first.
   A line is turned round if 1 - c(turned) < (1 - c(as it is)) / 4, where c is the *correlation* of 128 points of each
   at positions i/127: both sets less their mean, the sum of products divided by the root of the product of the sums
   of squares. So neither moving nor growing counts.
3. By index, if n = m. For a ring, *f(k)* says how well left[i] fits right[(i + k) mod n]: with z(k) their correlation
   where points are complex numbers x + iy, those of left conjugated, f = |z| - (1 - Re z / max(|z|, 1e-12))³. |z| is
   how alike they are when right is turned to fit best, and the rest is next to nothing for small turns and forbids
   large ones. The start is the smallest k with f(k) ≥ max f - 1e-9 if 1 - max f < (1 - f(0)) / 4, else 0: who edits a
   copy keeps its first vertex. Right is turned to start at k; a line's k is 0. If then, for every i, left i's nearest
   position on right is that of right i and the other way round (as in 5, with positions counted from the new start),
   these pairs are the answer.
4. By length: the phase. For a ring, 128 points at positions i/128 of each, and the shift k chosen by the same rule
   from f(k); the phase is 0 if k = 0, else (k + d)/128 with d = (f(k-1) - f(k+1)) / (2·(f(k-1) - 2·f(k) + f(k+1)))
   (neighbours modulo 128; 0 if the divisor is above -1e-12), kept within ±0.5. The positions b of right become
   (b - phase) mod 1, and right starts at the smallest of them. A line's phase is 0.
5. By length: the anchors. Pairs of points each of which is the other's nearest by position (in a ring, around it).
   Of two equally near (to 1e-9) the one before is the nearest; a line's first points and its last points are anchors
   too. An anchor's place on right is taken as left's position plus the way round to right's, in [-0.5, 0.5).
6. By length: the rest. From each anchor to the next, around the ring, a point of either that is no anchor is paired
   with the point of the other outline that is as far along, in parts of the length between these two anchors. Pairs
   come in that order from the first anchor on; where left's and right's are equally far along, left's is first.
7. If n = m, the pairs by index are taken unless those by length have less than a quarter of their movement. A pair
   moves by d = right - left, going straight along each side between two pairs; *movement* is the mean of
   |d - mean d|², each side weighted by half its share of left's length plus half its share of right's.

Between keyframes, each pair goes straight from left to right. The first idea, pairing by the nearest position, is
CVAT's; there, vertices that have no partner come out of a neighbour or are thinned away, and winding and start count.
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
# A redrawn outline fits several times better when it is turned; a copy that was edited does not.
CLEARLY = 4.0
NOTHING = 1e-12


def match_contours(left: Floats, right: Floats, *, closed: bool) -> PointPairs:
    """Pairs [l, 2], [l, 2] of places on two outlines [n, 2], [m, 2] of at least one point each."""
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
    """The pairs of each of many pairs of rings, those of equally many points at once; an empty ring stays empty."""
    found: dict[int, PointPairs] = {}
    sizes = np.array([(len(left), len(right)) for left, right in zip(lefts, rights, strict=True)]).reshape(-1, 2)
    for count in np.unique(sizes[(sizes[:, 0] == sizes[:, 1]) & (sizes[:, 0] > 1), 0]):
        which = np.flatnonzero((sizes == count).all(axis=1))
        left, right = np.stack([lefts[at] for at in which.tolist()]), np.stack([rights[at] for at in which.tolist()])
        is_plain = ~(repeats_previous(left) | repeats_previous(right)).any(axis=1) & (
            signed_areas(left) * signed_areas(right) >= 0
        )
        left, which = left[is_plain], which[is_plain]
        right, is_also_by_length = _by_index(left, right[is_plain], closed=True)
        found.update((int(which[at]), (left[at], right[at])) for at in np.flatnonzero(is_also_by_length))
    return [
        found.get(at) or (match_contours(left, right, closed=True) if len(left) else (left, left))
        for at, (left, right) in enumerate(zip(lefts, rights, strict=True))
    ]


def _samples(points: Floats, *, closed: bool) -> Floats:
    at = np.arange(SAMPLES) / (SAMPLES if closed else SAMPLES - 1)
    return _centred(points_at(points, relative_lengths(points, closed=closed), at, closed=closed))


def _directed_ring(left: Floats, right: Floats) -> Floats:
    turns = signed_area(left) * signed_area(right) < 0
    return np.concatenate([right[:1], right[:0:-1]]) if turns else right


def _directed_line(left: Floats, right: Floats) -> Floats:
    one, other = _samples(left, closed=False), _samples(right, closed=False)
    size = _sizes(one, other)
    as_it_is, turned_round = np.sum(one * other) / size, np.sum(one * other[::-1]) / size
    return right[::-1] if 1 - turned_round < (1 - as_it_is) / CLEARLY else right


def _centred(points: Floats) -> Floats:
    return np.asarray(points - points.mean(axis=-2, keepdims=True))


def _sizes(one: Floats, other: Floats) -> Floats:
    """What products [...] are divided by; a ring that is folded onto itself may have all samples in one place."""
    sizes = np.sqrt(np.sum(one * one, axis=(-2, -1)) * np.sum(other * other, axis=(-2, -1)))
    return np.where(sizes > 0, sizes, np.inf)


def _shifted(left: Floats, right: Floats) -> tuple[Ints, Floats]:
    """How many points [..., n, 2] of right to go on to fit left best [...], and how well every shift fits [..., n]."""
    one, other = _centred(left), _centred(right)
    spectra = [np.fft.fft(points[..., 0] + 1j * points[..., 1]) for points in (one, other)]
    products = np.fft.ifft(spectra[0].conj() * spectra[1]) / _sizes(one, other)[..., None]
    alike = np.abs(products)
    fits = alike - (1 - products.real / np.maximum(alike, NOTHING)) ** 3
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
    """For each position the index of the nearest of others, which ascend; of equally near ones the one before."""
    count = len(among)
    ends = (among[-1] - 1, among[0] + 1) if closed else (-np.inf, np.inf)
    around = np.concatenate([ends[:1], among, ends[1:]])
    after = np.searchsorted(among, of) + 1
    is_before = of - around[after - 1] <= around[after] - of + EQUAL
    return np.asarray((after - 1 - is_before) % count)


def _by_index(left: Floats, right: Floats, *, closed: bool) -> tuple[Floats, Bools]:
    """Right [p, n, 2] so that its points pair with left's, and whether [p] each is the nearest by position too."""
    if closed:
        at = (_shifted(left, right)[0][:, None] + np.arange(left.shape[1])) % left.shape[1]
        right = np.take_along_axis(right, at[:, :, None], axis=1)
    one, other = relative_lengths(left, closed=closed), relative_lengths(right, closed=closed)
    return right, _has_own_nearest(one, other, closed=closed) & _has_own_nearest(other, one, closed=closed)


def _has_own_nearest(of: Floats, among: Floats, *, closed: bool) -> Bools:
    """[p] whether for each position [p, n] the nearest of the others is the one with its index."""
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
        raise ValueError("an outline of numbers so large that it has no length")
    from_left, from_right = along_left[at_left], along_right[at_right]
    if closed:
        from_right = from_left + (from_right - from_left + 0.5) % 1.0 - 0.5
        from_left, from_right = np.append(from_left, from_left[0] + 1), np.append(from_right, from_right[0] + 1)
    # How far along each point is: the number of its anchor, and the part of the way from there to the next.
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
    """Indices of the points on both sides that are each other's nearest, in left's order."""
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
    """Positions counted from the first anchor on, around a ring."""
    return anchors[0] + (along - anchors[0]) % 1.0 if closed else along


def _movement(left: Floats, right: Floats, *, closed: bool) -> float:
    """The mean square, in px², of how far places along the sides go beyond what the whole goes."""
    if closed:
        left, right = close_rings(left), close_rings(right)
    sides = [np.hypot(*np.diff(points, axis=0).T) for points in (left, right)]
    weights = (sides[0] / sides[0].sum() + sides[1] / sides[1].sum()) / 2
    moved = _centred(right - left)
    here, there = moved[:-1], moved[1:]
    mean = weights @ (here + there) / 2
    squares = (here * here + here * there + there * there).sum(axis=1) / 3
    return float(weights @ squares - mean @ mean)
