"""Keyframe reduction: the fewest keyframes that keep every shape within a tolerance."""

from collections.abc import Hashable, Sequence
from itertools import pairwise
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from common.contract.labels import Keyframe
from common.geometry.angles import short_arc
from common.geometry.interpolate import Segment, keeps_point_order
from common.geometry.types import Bitmap, Box, Circle, Ellipse, Geometry, ImageTag, Line, Points, Rpy, Skeleton
from common.geometry.vectors import ANGLE_COLUMNS, angles_to_vector, to_vector, vector_layout

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

FIRST_SIZE = 64
NO_ANGLES = np.empty(0, np.int64)


def reduce_keyframes(keyframes: Sequence[Keyframe], tolerance: float) -> list[Keyframe]:
    """The fewest of an object's sorted keyframes that keep every shape within `tolerance` pixels: the sides of boxes,
    and the points and borders of other shapes. For rotations in space, one pixel corresponds to one degree.

    Always kept are the first and the last keyframe, those where visibility or occlusion of the object or of a keypoint
    changes, and those that set attributes. Between contours of different structure both keyframes are kept; bitmaps and
    labels are kept if they differ from the previous one.
    """
    kept = np.flatnonzero(_is_required(keyframes)).tolist()
    for first, last in pairwise(list(kept)):
        if last - first > 1:
            kept += [first + at for at in _between(keyframes[first : last + 1], tolerance)]
    return [keyframes[at] for at in sorted(set(kept))]


def fewest_indices(frames: Ints, rows: Floats, tolerances: Floats, angles: Ints = NO_ANGLES) -> Ints:
    """The fewest indices of rows of numbers [n, d], including the first and the last, such that linear interpolation
    between them is within the tolerance ([n], or [n, d]) of every number on the ascending `frames` [n]. The columns
    `angles` are in degrees and interpolated along the short arc.

    From a row, each later frame narrows the range of allowed slopes (a cone per number); the fewest steps through the
    reachable rows are a shortest path (Imai and Iri 1988). O(n · reach).
    """
    count = len(frames)
    rows, tolerances = _unrolled(rows, angles), np.broadcast_to(tolerances.reshape(count, -1), rows.shape)
    steps, before = np.full(count, count, np.int64), np.zeros(count, np.int64)
    steps[0] = 0
    for start in range(count - 1):
        reached = start + 1 + _reachable(frames, rows, tolerances, start, angles)
        nearer = reached[steps[reached] > steps[start] + 1]
        steps[nearer], before[nearer] = steps[start] + 1, start
    path = [count - 1]
    while path[-1]:
        path.append(int(before[path[-1]]))
    return np.array(path[::-1], np.int64)


def _unrolled(rows: Floats, angles: Ints) -> Floats:
    """The same rows with continuous angles, beyond 360° where necessary."""
    unrolled = rows.astype(np.float64)
    unrolled[1:, angles] = rows[0, angles] + np.cumsum(short_arc(np.diff(rows[:, angles], axis=0)), axis=0)
    return unrolled


def _reachable(frames: Ints, rows: Floats, tolerances: Floats, start: int, angles: Ints) -> Ints:
    """The offsets after `start` (0 is the next row) of the rows that can follow it."""
    size = FIRST_SIZE
    while True:
        part = slice(start + 1, start + 1 + size)
        passed = (frames[part] - frames[start])[:, None].astype(np.float64)
        moved = rows[part] - rows[start]
        lowest = np.maximum.accumulate((moved - tolerances[part]) / passed)
        highest = np.minimum.accumulate((moved + tolerances[part]) / passed)
        open_until = np.flatnonzero((lowest > highest).any(axis=1))
        if len(open_until) or start + 1 + size >= len(frames):
            slope = moved / passed
            # Half a turn or more would be interpolated in the opposite direction.
            is_short_arc = (np.abs(moved[:, angles]) < 180.0).all(axis=1)
            is_within = ((slope >= lowest) & (slope <= highest)).all(axis=1) & is_short_arc
            is_within[0] = True
            return np.flatnonzero(is_within)
        size *= 2


# ---- keyframes ----


def _is_required(keyframes: Sequence[Keyframe]) -> Bools:
    """[n] which keyframes are kept regardless of their shapes."""
    required = np.zeros(len(keyframes), np.bool_)
    required[:1] = required[-1:] = True
    for at in range(1, len(keyframes)):
        before, here = keyframes[at - 1], keyframes[at]
        required[at] |= bool(here.attributes) or _state(here) != _state(before)
        if _is_constant(here.geometry) or _is_constant(before.geometry):
            required[at] |= _shape(here) != _shape(before)
        elif _structure(here) != _structure(before):
            # Interpolation between two structures is not linear in their numbers: keep both of its ends.
            required[at - 1 : at + 1] = True
    return required


def _is_constant(geometry: Geometry) -> bool:
    """Whether the geometry does not change up to the next keyframe."""
    match geometry:
        case Points():
            return len(geometry.points) != 1
        case _:
            return isinstance(geometry, Bitmap | ImageTag)


def _state(keyframe: Keyframe) -> Hashable:
    """The state that applies from a keyframe to the next one."""
    geometry = keyframe.geometry
    hidden = [point.visible for point in geometry.keypoints] if isinstance(geometry, Skeleton) else []
    dashed = isinstance(geometry, Line) and geometry.dashed
    return keyframe.outside, keyframe.occluded, dashed, *hidden, *(point.visible for point in keyframe.keypoints)


def _shape(keyframe: Keyframe) -> object:
    return keyframe.geometry, keyframe.keypoints, keyframe.rpy


def _structure(keyframe: Keyframe) -> Hashable:
    names = tuple(point.name for point in keyframe.keypoints)
    return vector_layout(keyframe.geometry), names, keyframe.rpy is None


def _between(keyframes: Sequence[Keyframe], tolerance: float) -> list[int]:
    """The indices to keep between two required keyframes."""
    if _is_constant(keyframes[0].geometry):
        return []
    frames = np.array([keyframe.frame for keyframe in keyframes], np.int64)
    rows = np.array([_row(keyframe) for keyframe in keyframes], np.float64)
    angles = _angle_columns(keyframes[0], rows.shape[1])
    tolerances = _tolerances(keyframes, rows, tolerance)
    kept = {0, len(keyframes) - 1}
    # Where points of contours are not paired by index, both keyframes are kept.
    for at, by_index in enumerate(_are_paired_by_index(keyframes, list(pairwise(range(len(keyframes)))))):
        if not by_index:
            kept |= {at, at + 1}
    for first, last in pairwise(sorted(kept)):
        part = slice(first, last + 1)
        kept.update((first + fewest_indices(frames[part], rows[part], tolerances[part], angles)).tolist())
    return _with_index_pairs(keyframes, kept)


def _with_index_pairs(keyframes: Sequence[Keyframe], kept: set[int]) -> list[int]:
    """The indices, and as many more as are needed for points of contours to be paired by index in each step."""
    while True:
        steps = [(first, last) for first, last in pairwise(sorted(kept)) if last - first > 1]
        fits = _are_paired_by_index(keyframes, steps)
        middles = [(first + last) // 2 for (first, last), fit in zip(steps, fits, strict=True) if not fit]
        if not middles:
            return list(kept)
        kept.update(middles)


def _are_paired_by_index(keyframes: Sequence[Keyframe], steps: Sequence[tuple[int, int]]) -> list[bool]:
    none = np.empty(0)
    return keeps_point_order(
        [Segment(keyframes[first].geometry, keyframes[last].geometry, none) for first, last in steps]
    )


# ---- numbers ----


def _row(keyframe: Keyframe) -> list[float]:
    """The coordinates and angles of the geometry, the keypoints, and roll, pitch and yaw."""
    points = (number for point in keyframe.keypoints for number in (point.x, point.y))
    angles = angles_to_vector(keyframe.rpy) if keyframe.rpy else []
    return [*to_vector(keyframe.geometry), *points, *angles]


def _angle_columns(keyframe: Keyframe, count: int) -> Ints:
    """The columns of a row of `count` numbers that are angles."""
    columns = np.arange(count)
    own = columns[ANGLE_COLUMNS.get(keyframe.geometry.kind, slice(0))]
    return np.concatenate([own, columns[-3:]]) if keyframe.rpy else own


def _tolerances(keyframes: Sequence[Keyframe], rows: Floats, tolerance: float) -> Floats:
    """The tolerance of each number [n, d] of each row such that the border of the shape moves by at most `tolerance`
    pixels."""
    tolerances = np.full(rows.shape, tolerance / sqrt(2))
    geometry = keyframes[0].geometry
    match geometry:
        case Box():
            sizes = np.hypot(rows[:, 2] - rows[:, 0], rows[:, 3] - rows[:, 1]) / 2
            tolerances[:, :5] = _shares(rows[:, 4], sizes, fixed=1.0, rotating=0.5) * tolerance
        case Circle():
            # The two coordinates of the center and the radius add up on the border.
            tolerances[:, :3] = 0.4 * tolerance
        case Ellipse():
            tolerances[:, :5] = _shares(rows[:, 4], rows[:, 2:4].max(axis=1), fixed=0.4, rotating=0.29) * tolerance
        case Rpy():
            tolerances[:, 2:5] = tolerance
    if keyframes[0].rpy:
        tolerances[:, -3:] = tolerance
    return tolerances


def _shares(rotations: Floats, sizes: Floats, *, fixed: float, rotating: float) -> Floats:
    """[n, 5] the shares of a tolerance for four coordinates, and for the rotation in degrees per pixel; `sizes` [n] are
    the largest distances from the center."""
    if (rotations == rotations[0]).all():
        return np.full((len(rotations), 5), fixed)
    angles = np.degrees(0.29 / np.maximum(sizes, 1.0))
    return np.column_stack([np.full((len(rotations), 4), rotating), angles])
