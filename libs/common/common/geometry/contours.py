"""Contours of masks along pixel edges, and their simplification."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from common.geometry.errors import GeometryError
from common.geometry.rings import signed_area

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Ring = Floats

# A mask with more corners is noise. Tracing and simplifying this many takes one second.
MAX_CORNERS = 50_000
# A hand-drawn contour needs a dozen; stretches that are still open after this many keep their points.
MAX_ROUNDS = 100


@dataclass(frozen=True, slots=True)
class _Edges:
    """The straight edges between inside and outside. `corners_xy` (2k, 2) are sorted by row: corners 2i and 2i+1 are
    the left and right end of horizontal edge i. `starts`, `ends` (k,) are the corner indices of a horizontal edge in
    the direction that has the inside on its right; `upright` (k, 2) are the upper and lower corner of vertical edges;
    `following` (k,) is the next horizontal edge along the ring, after a vertical one."""

    corners_xy: Ints
    starts: Ints
    ends: Ints
    upright: Ints
    following: Ints


def trace_contours(mask: Bools) -> list[list[Ring]]:
    """The parts of a mask [h, w], each as its outer ring [n, 2], clockwise, and the rings of its holes. Pixels that
    only touch at a corner are not connected. The rings enclose exactly the pixels of the mask.

    Raises:
        GeometryError: The mask has more than `MAX_CORNERS` corners.
    """
    edges = _edges(mask)
    turns, ring_of = _turns(edges)
    rings = [_ring(edges, turn) for turn in turns]
    is_outer = [signed_area(ring) > 0 for ring in rings]
    if all(is_outer):
        return [[ring] for ring in rings]
    parents = _parents(edges, turns, ring_of, is_outer)
    parts = {number: [ring] for number, ring in enumerate(rings) if is_outer[number]}
    for hole, outer in parents.items():
        parts[outer].append(rings[hole])
    return list(parts.values())


def _edges(mask: Bools) -> _Edges:
    padded = np.pad(mask, 1)
    upper, lower = padded[:-1], padded[1:]
    top_left, top_right, low_left, low_right = upper[:, :-1], upper[:, 1:], lower[:, :-1], lower[:, 1:]
    # One or three set pixels of the four around a point make a corner; two that only touch there make two corners.
    touching = (top_left == low_right) & (top_right == low_left) & (top_left != top_right)
    counts = (top_left ^ top_right ^ low_left ^ low_right) + 2 * touching.astype(np.int8)
    at = np.flatnonzero(counts)
    at = np.repeat(at, counts.ravel()[at])
    if len(at) > MAX_CORNERS:
        raise GeometryError("mask_corners_exceeded", count=len(at), limit=MAX_CORNERS)
    x, y = at % counts.shape[1], at // counts.shape[1]
    # Of two corners at one point, the first ends the horizontal edge on its left. It also ends the vertical edge above,
    # unless the pixels are top right and bottom left.
    is_second = np.concatenate([[False], at[1:] == at[:-1]]) if len(at) else np.empty(0, np.bool_)
    is_lower = is_second ^ (touching & top_right).ravel()[at]
    upright = np.lexsort((is_lower, y, x)).reshape(-1, 2)
    beside = np.empty(len(at), np.int64)
    beside[upright], beside[upright[:, ::-1]] = upright[:, ::-1], upright
    left = np.arange(0, len(at), 2)
    is_top = low_right.ravel()[at[left]]
    starts, ends = np.where(is_top, left, left + 1), np.where(is_top, left + 1, left)
    return _Edges(np.stack([x, y], axis=1), starts, ends, upright, beside[ends] // 2)


def _turns(edges: _Edges) -> tuple[list[list[int]], Ints]:
    """The horizontal edges of each ring in order, and the ring of each horizontal edge."""
    following = edges.following.tolist()
    ring_of = [-1] * len(following)
    turns: list[list[int]] = []
    for first in range(len(following)):
        if ring_of[first] >= 0:
            continue
        turn, at = [], first
        while ring_of[at] < 0:
            ring_of[at] = len(turns)
            turn.append(at)
            at = following[at]
        turns.append(turn)
    return turns, np.array(ring_of, np.int64)


def _ring(edges: _Edges, turn: list[int]) -> Ring:
    corners = np.stack([edges.starts[turn], edges.ends[turn]], axis=1).ravel()
    return edges.corners_xy[corners].astype(np.float64)


def _parents(edges: _Edges, turns: list[list[int]], ring_of: Ints, is_outer: list[bool]) -> dict[int, int]:
    """The outer ring around each hole. The pixel above a hole's topmost edge belongs to the part that has the hole; the
    next vertical edge on its left is part of the outer ring, or of another hole of the part that reaches higher up."""
    above, below = edges.corners_xy[edges.upright[:, 0]], edges.corners_xy[edges.upright[:, 1]]
    heights = below[:, 1] - above[:, 1]
    edge = np.repeat(np.arange(len(heights)), heights)
    rows = above[edge, 1] + np.arange(len(edge)) - np.repeat(np.cumsum(heights) - heights, heights)
    stride = int(edges.corners_xy[:, 0].max()) + 1
    keys = rows * stride + above[edge, 0]
    order = np.argsort(keys)
    parents: dict[int, int] = {}
    # Rings are sorted by their topmost edge: any that reaches higher than a hole already has its parent.
    for hole in (number for number, outer in enumerate(is_outer) if not outer):
        x, y = edges.corners_xy[2 * turns[hole][0]]
        beside = edge[order[np.searchsorted(keys[order], (y - 1) * stride + x, side="right") - 1]]
        ring = int(ring_of[edges.upright[beside, 0] // 2])
        parents[hole] = ring if is_outer[ring] else parents[ring]
    return parents


def simplify_rings(rings: Sequence[Ring], tolerance: float) -> list[Ring]:
    """The rings [n, 2] with fewer points. Removed points are within `tolerance` pixels of the result; a ring that would
    have fewer than three points is unchanged (Douglas and Peucker 1973; all sections of all rings at once).
    """
    if not rings:
        return []
    around = np.concatenate([points for ring in rings for points in (ring, ring[:1])])
    sizes = np.array([len(ring) + 1 for ring in rings])
    ends = np.cumsum(sizes) - 1
    begins = ends - sizes + 1
    kept = np.zeros(len(around), np.bool_)
    kept[begins] = True
    cuts = begins[1:]
    for _ in range(MAX_ROUNDS):
        is_open = ends - begins > 1
        begins, ends = begins[is_open], ends[is_open]
        if not len(begins):
            break
        farthest, distances = _farthest(around, begins, ends)
        splits = distances > tolerance
        middles = farthest[splits]
        kept[middles] = True
        begins, ends = np.append(begins[splits], middles), np.append(middles, ends[splits])
    for begin, end in zip(begins.tolist(), ends.tolist(), strict=True):
        kept[begin:end] = True
    simpler = [points[is_kept] for points, is_kept in zip(np.split(around, cuts), np.split(kept, cuts), strict=True)]
    return [points if len(points) > 2 else ring for points, ring in zip(simpler, rings, strict=True)]


def _farthest(points: Floats, begins: Ints, ends: Ints) -> tuple[Ints, Floats]:
    """The index of the point [n, 2] between each begin and end (exclusive) [k] that is farthest from the straight line
    between them, and its distance."""
    counts = ends - begins - 1
    firsts = np.cumsum(counts) - counts
    section = np.repeat(np.arange(len(counts)), counts)
    at = np.arange(len(section)) + (begins + 1 - firsts)[section]
    chords, offsets = (points[ends] - points[begins])[section], points[at] - points[begins][section]
    lengths = (chords * chords).sum(axis=1)
    # A whole ring begins where it ends: its chord has no length, and the distance is that from its first point.
    along = np.clip((offsets * chords).sum(axis=1) / np.where(lengths > 0, lengths, 1.0), 0, 1)
    distances = np.sqrt(((offsets - along[:, None] * chords) ** 2).sum(axis=1))
    largest = np.maximum.reduceat(distances, firsts)
    highest = np.flatnonzero(distances == largest[section])
    return at[highest[np.unique(section[highest], return_index=True)[1]]], largest
