"""Interpolation between keyframes: all frames of all segments of a track at once.

A segment is the part of a track between two keyframes. Coordinates are pixels; a fraction of 0 is the left keyframe, 1
the right one.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from common.geometry import types
from common.geometry.angles import short_arc
from common.geometry.correspondence import PointPairs, match_contours, match_rings
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
    """Two neighboring keyframes' geometries, and the `fractions` [f] from left to right at which to interpolate."""

    left: types.Geometry
    right: types.Geometry
    fractions: Floats


def interpolate_segments(segments: Sequence[Segment]) -> Iterator[list[types.Geometry]]:
    """For each segment of a track the geometry at each fraction. Geometries that cannot be interpolated keep the left
    keyframe's."""
    if (
        all(_is_linear(segment) for segment in segments)
        and len({vector_layout(segment.left) for segment in segments}) == 1
    ):
        yield from _interpolate_linear(segments)
        return
    ring_pairs = _ring_pairs(segments)
    for segment in segments:
        match segment.left, segment.right:
            case (types.Polygon(), types.Polygon()) if len(segment.left.parts) == len(segment.right.parts):
                yield _polygons(
                    [[next(ring_pairs) for _ in (part.outer, *part.holes)] for part in segment.left.parts], segment
                )
            case (types.Polyline(), types.Polyline()):
                lines = _interpolate_points(*_line(segment.left, segment.right), segment.fractions).tolist()
                yield [types.Polyline(points=points) for points in lines]
            case (types.Skeleton(), types.Skeleton()):
                moved = interpolate_keypoints(segment.left.keypoints, segment.right.keypoints, segment.fractions)
                yield [types.Skeleton(keypoints=keypoints) for keypoints in moved]
            case _ if _is_linear(segment):
                yield from _interpolate_linear([segment])
            case _:
                yield [segment.left] * len(segment.fractions)


def keeps_point_order(segments: Sequence[Segment]) -> list[bool]:
    """For each segment between geometries of one structure, whether points are paired by index."""
    ring_pairs = _ring_pairs(segments)
    return [_keeps_order(segment, ring_pairs) for segment in segments]


def _keeps_order(segment: Segment, ring_pairs: Iterator[PointPairs]) -> bool:
    match segment.left, segment.right:
        case (types.Polygon(), types.Polygon()):
            pairs = [next(ring_pairs) for part in segment.left.parts for _ in (part.outer, *part.holes)]
        case (types.Polyline(), types.Polyline()):
            pairs = [_line(segment.left, segment.right)]
        case _:
            return True
    starts, ends = (np.concatenate([np.empty((0, 2)), *side]) for side in zip(*pairs, strict=True))
    here, there = (_points(list(points_of(side))) for side in (segment.left, segment.right))
    return np.array_equal(starts, here) and np.array_equal(ends, there)


def interpolate_keypoints(
    left: Sequence[types.Keypoint], right: Sequence[types.Keypoint], fractions: Floats
) -> list[list[types.Keypoint]]:
    """The keypoints of the left at each fraction, each interpolated to the keypoint of the same name; one without a
    counterpart does not move."""
    if not left:
        return [[] for _ in fractions]
    there = {point.name: point for point in right}
    starts = np.array([(point.x, point.y) for point in left])
    ends = np.array([(there.get(point.name, point).x, there.get(point.name, point).y) for point in left])
    return [move_keypoints(points, left) for points in _interpolate_points(starts, ends, fractions).tolist()]


def interpolate_angles(left: types.Angles, right: types.Angles, fractions: Floats) -> list[types.Angles]:
    """The angles at each fraction along the short arc, from -180 to 180."""
    start, end = np.array(angles_to_vector(left)), np.array(angles_to_vector(right))
    return [angles_from_vector(row) for row in short_arc(start + short_arc(end - start) * fractions[:, None]).tolist()]


def _is_linear(segment: Segment) -> bool:
    """Whether all numbers are interpolated linearly, in place."""
    match segment.left:
        case types.Bitmap() | types.ImageTag() | types.Polygon() | types.Polyline() | types.Skeleton():
            return False
        case types.Points():
            return vector_layout(segment.left) == vector_layout(segment.right) and len(segment.left.points) == 1
        case _:
            return vector_layout(segment.left) == vector_layout(segment.right)


def _interpolate_linear(segments: Sequence[Segment]) -> Iterator[list[types.Geometry]]:
    """The geometries of linear segments of one structure."""
    starts, ends = (
        np.array([to_vector(segment.left) for segment in segments]),
        np.array([to_vector(segment.right) for segment in segments]),
    )
    kind = segments[0].left.kind
    angles = ANGLE_COLUMNS.get(kind, slice(0))
    steps = ends - starts
    steps[:, angles] = short_arc(steps[:, angles])
    which = np.repeat(np.arange(len(segments)), [len(segment.fractions) for segment in segments])
    rows = starts[which] + steps[which] * np.concatenate([segment.fractions for segment in segments])[:, None]
    rows[:, angles] = short_arc(rows[:, angles]) if kind == "rpy" else rows[:, angles] % 360.0
    remaining = iter(rows.tolist())
    for segment in segments:
        yield [from_vector(next(remaining), segment.left) for _ in segment.fractions]


def _interpolate_points(starts: Floats, ends: Floats, fractions: Floats) -> Floats:
    """[f, l, 2] linearly interpolated points."""
    return np.asarray(starts + (ends - starts) * fractions[:, None, None])


def _points(points: Sequence[types.Point]) -> Floats:
    return np.array(points, np.float64).reshape(-1, 2)


def _line(left: types.Polyline, right: types.Polyline) -> PointPairs:
    start, end = _points(left.points), _points(right.points)
    return match_contours(start, end, closed=False) if len(start) and len(end) else (start, start)


def _ring_pairs(segments: Sequence[Segment]) -> Iterator[PointPairs]:
    """The point pairs of all rings of polygons with equally many parts, ring by ring."""
    lefts: list[Floats] = []
    rights: list[Floats] = []
    for left, right, _ in segments:
        if isinstance(left, types.Polygon) and isinstance(right, types.Polygon) and len(left.parts) == len(right.parts):
            for here, there in zip(left.parts, right.parts, strict=True):
                rings = [_points(ring) for ring in (here.outer, *here.holes)]
                lefts += rings
                rights += _target_rings(rings, there)
    return iter(match_rings(lefts, rights))


def _target_rings(rings: list[Floats], part: types.Part) -> list[Floats]:
    """The target of each ring in a part. A ring without a target, or with another number of holes, does not move."""
    targets = [_points(ring) for ring in (part.outer, *part.holes)]
    targets = targets if len(targets) == len(rings) else [targets[0], *rings[1:]]
    return [target if len(target) and len(ring) else ring for ring, target in zip(rings, targets, strict=True)]


def _polygons(parts: list[list[PointPairs]], segment: Segment) -> list[types.Geometry]:
    """The polygons at each fraction. Each part is a list of paired rings, the outer one first."""
    pairs = [pair for part in parts for pair in part]
    if not pairs:
        return [segment.left] * len(segment.fractions)
    starts, ends = (np.concatenate(side) for side in zip(*pairs, strict=True))
    cuts = list(pairwise(np.cumsum([0, *(len(start) for start, _ in pairs)]).tolist()))
    firsts = list(pairwise(np.cumsum([0, *map(len, parts)]).tolist()))
    polygons: list[types.Geometry] = []
    for points in _interpolate_points(starts, ends, segment.fractions).tolist():
        rings = [points[begin:end] for begin, end in cuts]
        polygons.append(
            types.Polygon.model_validate(
                {"parts": [{"outer": rings[at], "holes": rings[at + 1 : end]} for at, end in firsts]}
            )
        )
    return polygons
