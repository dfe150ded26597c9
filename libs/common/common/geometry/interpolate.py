"""The way of shapes from one keyframe to the next: all frames of all keyframes at once."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from common.geometry.angles import short_arc
from common.geometry.correspondence import PointPairs, match_contours, match_rings
from common.geometry.types import (
    Angles,
    Bitmap,
    Geometry,
    ImageTag,
    Keypoint,
    Part,
    Point,
    Points,
    Polygon,
    Polyline,
    Skeleton,
)
from common.geometry.vectors import (
    ANGLE_COLUMNS,
    angles_from_vector,
    angles_to_vector,
    from_vector,
    move_keypoints,
    points_of,
    to_vector,
    vector_layout,
)

Floats = NDArray[np.float64]


class Segment(NamedTuple):
    """The way from one keyframe's geometry to the next's; `shares` [f] of it are asked for, 0 left and 1 right."""

    left: Geometry
    right: Geometry
    shares: Floats


def interpolate_segments(legs: Sequence[Segment]) -> Iterator[list[Geometry]]:
    """For each leg of a track the geometry at each share of the way. What cannot go over into the other stays as it
    is on the left."""
    if all(_goes_straight(leg) for leg in legs) and len({vector_layout(leg.left) for leg in legs}) == 1:
        yield from _all_straight(legs)
        return
    outlines = _outlines(legs)
    for leg in legs:
        match leg.left, leg.right:
            case (Polygon(), Polygon()) if len(leg.left.parts) == len(leg.right.parts):
                yield _polygons([[next(outlines) for _ in (part.outer, *part.holes)] for part in leg.left.parts], leg)
            case (Polyline(), Polyline()):
                lines = _straight(*_line(leg.left, leg.right), leg.shares).tolist()
                yield [Polyline(points=points) for points in lines]
            case (Skeleton(), Skeleton()):
                moved = interpolate_keypoints(leg.left.keypoints, leg.right.keypoints, leg.shares)
                yield [Skeleton(keypoints=keypoints) for keypoints in moved]
            case _ if _goes_straight(leg):
                yield from _all_straight([leg])
            case _:
                yield [leg.left] * len(leg.shares)


def keeps_point_order(legs: Sequence[Segment]) -> list[bool]:
    """For each leg between geometries of one structure whether each number goes to the one in its place."""
    outlines = _outlines(legs)
    return [_is_by_index(leg, outlines) for leg in legs]


def _is_by_index(leg: Segment, outlines: Iterator[PointPairs]) -> bool:
    match leg.left, leg.right:
        case (Polygon(), Polygon()):
            pairs = [next(outlines) for part in leg.left.parts for _ in (part.outer, *part.holes)]
        case (Polyline(), Polyline()):
            pairs = [_line(leg.left, leg.right)]
        case _:
            return True
    starts, ends = (np.concatenate([np.empty((0, 2)), *side]) for side in zip(*pairs, strict=True))
    here, there = (_points(list(points_of(side))) for side in (leg.left, leg.right))
    return np.array_equal(starts, here) and np.array_equal(ends, there)


def interpolate_keypoints(left: Sequence[Keypoint], right: Sequence[Keypoint], shares: Floats) -> list[list[Keypoint]]:
    """The named points at each share of the way: those of the left, each on its way to its namesake; one that has
    none stays where it is."""
    if not left:
        return [[] for _ in shares]
    there = {point.name: point for point in right}
    starts = np.array([(point.x, point.y) for point in left])
    ends = np.array([(there.get(point.name, point).x, there.get(point.name, point).y) for point in left])
    return [move_keypoints(points, left) for points in _straight(starts, ends, shares).tolist()]


def interpolate_angles(left: Angles, right: Angles, shares: Floats) -> list[Angles]:
    """The angles at each share of the way, by the short arc, from -180 to 180."""
    start, end = np.array(angles_to_vector(left)), np.array(angles_to_vector(right))
    return [angles_from_vector(row) for row in short_arc(start + short_arc(end - start) * shares[:, None]).tolist()]


def _goes_straight(leg: Segment) -> bool:
    """Whether each number of one goes straight to that of the other."""
    match leg.left:
        case Bitmap() | ImageTag() | Polygon() | Polyline() | Skeleton():
            return False
        case Points():
            return vector_layout(leg.left) == vector_layout(leg.right) and len(leg.left.points) == 1
        case _:
            return vector_layout(leg.left) == vector_layout(leg.right)


def _all_straight(legs: Sequence[Segment]) -> Iterator[list[Geometry]]:
    """The geometries of legs of one structure, each number of which goes straight."""
    starts, ends = np.array([to_vector(leg.left) for leg in legs]), np.array([to_vector(leg.right) for leg in legs])
    kind = legs[0].left.kind
    turning = ANGLE_COLUMNS.get(kind, slice(0))
    steps = ends - starts
    steps[:, turning] = short_arc(steps[:, turning])
    which = np.repeat(np.arange(len(legs)), [len(leg.shares) for leg in legs])
    rows = starts[which] + steps[which] * np.concatenate([leg.shares for leg in legs])[:, None]
    rows[:, turning] = short_arc(rows[:, turning]) if kind == "rpy" else rows[:, turning] % 360.0
    remaining = iter(rows.tolist())
    for leg in legs:
        yield [from_vector(next(remaining), leg.left) for _ in leg.shares]


def _straight(starts: Floats, ends: Floats, shares: Floats) -> Floats:
    """[f, l, 2] points on their straight ways."""
    return np.asarray(starts + (ends - starts) * shares[:, None, None])


def _points(points: Sequence[Point]) -> Floats:
    return np.array(points, np.float64).reshape(-1, 2)


def _line(left: Polyline, right: Polyline) -> PointPairs:
    start, end = _points(left.points), _points(right.points)
    return match_contours(start, end, closed=False) if len(start) and len(end) else (start, start)


def _outlines(legs: Sequence[Segment]) -> Iterator[PointPairs]:
    """The pairs of all rings of those polygons whose parts go over into the other's, ring after ring."""
    lefts: list[Floats] = []
    rights: list[Floats] = []
    for left, right, _ in legs:
        if isinstance(left, Polygon) and isinstance(right, Polygon) and len(left.parts) == len(right.parts):
            for here, there in zip(left.parts, right.parts, strict=True):
                rings = [_points(ring) for ring in (here.outer, *here.holes)]
                lefts += rings
                rights += _goals(rings, there)
    return iter(match_rings(lefts, rights))


def _goals(rings: list[Floats], part: Part) -> list[Floats]:
    """The rings of a part that others go over into; they stay where there is none, or another number of holes."""
    goals = [_points(ring) for ring in (part.outer, *part.holes)]
    goals = goals if len(goals) == len(rings) else [goals[0], *rings[1:]]
    return [goal if len(goal) and len(ring) else ring for ring, goal in zip(rings, goals, strict=True)]


def _polygons(parts: list[list[PointPairs]], leg: Segment) -> list[Geometry]:
    """The polygons of parts of paired rings, outer ring first."""
    pairs = [pair for part in parts for pair in part]
    if not pairs:
        return [leg.left] * len(leg.shares)
    starts, ends = (np.concatenate(side) for side in zip(*pairs, strict=True))
    cuts = list(pairwise(np.cumsum([0, *(len(start) for start, _ in pairs)]).tolist()))
    firsts = list(pairwise(np.cumsum([0, *map(len, parts)]).tolist()))
    found: list[Geometry] = []
    for points in _straight(starts, ends, leg.shares).tolist():
        rings = [points[begin:end] for begin, end in cuts]
        found.append(
            Polygon.model_validate(
                {"parts": [{"outer": rings[at], "holes": rings[at + 1 : end]} for at, end in firsts]}
            )
        )
    return found
