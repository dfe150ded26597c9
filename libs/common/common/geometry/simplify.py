"""From many keyframes to the few that a person edits: as few as leave every shape within a tolerance."""

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

AT_FIRST = 64
NEVER = np.empty(0, np.int64)


def reduce_keyframes(keyframes: Sequence[Keyframe], tolerance: float) -> list[Keyframe]:
    """The fewest of an object's keyframes, which are in order, between which every shape stays within `tolerance`
    pixels of where it was: the sides of a box, and the points and borders of all else; for directions a pixel is a
    degree.

    What says more than a place stays: the first and the last one, where the object leaves, returns, becomes occluded
    or not, where a point becomes hidden or not, and keyframes with attributes of their own. Where one outline goes over
    into another of a different structure both stay; of bitmaps and labels those stay that differ from the one before.
    """
    kept = np.flatnonzero(_says_more(keyframes)).tolist()
    for first, last in pairwise(list(kept)):
        if last - first > 1:
            kept += [first + at for at in _between(keyframes[first : last + 1], tolerance)]
    return [keyframes[at] for at in sorted(set(kept))]


def fewest_indices(frames: Ints, rows: Floats, tolerances: Floats, turning: Ints = NEVER) -> Ints:
    """The fewest indices of rows of numbers [n, d], first and last among them, between which going straight in time
    leaves no number on any of the ascending `frames` [n] further off than its tolerance ([n], or [n, d]). Columns
    `turning` are angles in degrees, which go by the short arc.

    From a row, each frame passed narrows the slopes that are still allowed (a cone for each number); the fewest steps
    through what can be reached is a shortest path (Imai and Iri 1988). O(n · reach).
    """
    count = len(frames)
    rows, tolerances = _unrolled(rows, turning), np.broadcast_to(tolerances.reshape(count, -1), rows.shape)
    steps, before = np.full(count, count, np.int64), np.zeros(count, np.int64)
    steps[0] = 0
    for start in range(count - 1):
        reached = start + 1 + _reachable(frames, rows, tolerances, start, turning)
        nearer = reached[steps[reached] > steps[start] + 1]
        steps[nearer], before[nearer] = steps[start] + 1, start
    path = [count - 1]
    while path[-1]:
        path.append(int(before[path[-1]]))
    return np.array(path[::-1], np.int64)


def _unrolled(rows: Floats, turning: Ints) -> Floats:
    """The same rows, their angles going on past 360° instead of jumping."""
    unrolled = rows.astype(np.float64)
    unrolled[1:, turning] = rows[0, turning] + np.cumsum(short_arc(np.diff(rows[:, turning], axis=0)), axis=0)
    return unrolled


def _reachable(frames: Ints, rows: Floats, tolerances: Floats, start: int, turning: Ints) -> Ints:
    """Which of the rows after `start` (0 is the next) may be the one that follows it."""
    size = AT_FIRST
    while True:
        part = slice(start + 1, start + 1 + size)
        passed = (frames[part] - frames[start])[:, None].astype(np.float64)
        moved = rows[part] - rows[start]
        lowest = np.maximum.accumulate((moved - tolerances[part]) / passed)
        highest = np.minimum.accumulate((moved + tolerances[part]) / passed)
        open_until = np.flatnonzero((lowest > highest).any(axis=1))
        if len(open_until) or start + 1 + size >= len(frames):
            slope = moved / passed
            # Half a turn and more would be gone the other way round.
            turns = np.abs(moved[:, turning]) < 180.0
            is_within = ((slope >= lowest) & (slope <= highest)).all(axis=1) & turns.all(axis=1)
            is_within[0] = True
            return np.flatnonzero(is_within)
        size *= 2


# ---- keyframes ----


def _says_more(keyframes: Sequence[Keyframe]) -> Bools:
    """[n] which keyframes stay whatever the shapes between them are."""
    stays = np.zeros(len(keyframes), np.bool_)
    stays[:1] = stays[-1:] = True
    for at in range(1, len(keyframes)):
        before, here = keyframes[at - 1], keyframes[at]
        stays[at] |= bool(here.attributes) or _state(here) != _state(before)
        if _holds(here.geometry) or _holds(before.geometry):
            stays[at] |= _place(here) != _place(before)
        elif _structure(here) != _structure(before):
            # The way between two structures is not that of their numbers: it begins and ends where it did.
            stays[at - 1 : at + 1] = True
    return stays


def _holds(geometry: Geometry) -> bool:
    """Whether it stays where it is up to the next keyframe."""
    match geometry:
        case Points():
            return len(geometry.points) != 1
        case _:
            return isinstance(geometry, Bitmap | ImageTag)


def _state(keyframe: Keyframe) -> Hashable:
    """What holds from a keyframe on until another one says otherwise."""
    geometry = keyframe.geometry
    hidden = [point.visible for point in geometry.keypoints] if isinstance(geometry, Skeleton) else []
    dashed = isinstance(geometry, Line) and geometry.dashed
    return keyframe.outside, keyframe.occluded, dashed, *hidden, *(point.visible for point in keyframe.keypoints)


def _place(keyframe: Keyframe) -> object:
    return keyframe.geometry, keyframe.keypoints, keyframe.rpy


def _structure(keyframe: Keyframe) -> Hashable:
    names = tuple(point.name for point in keyframe.keypoints)
    return vector_layout(keyframe.geometry), names, keyframe.rpy is None


def _between(keyframes: Sequence[Keyframe], tolerance: float) -> list[int]:
    """Which keyframes of a stretch in which no other says more stay besides its ends."""
    if _holds(keyframes[0].geometry):
        return []
    frames = np.array([keyframe.frame for keyframe in keyframes], np.int64)
    rows = np.array([_row(keyframe) for keyframe in keyframes], np.float64)
    turning = _turning(keyframes[0], rows.shape[1])
    tolerances = _tolerances(keyframes, rows, tolerance)
    kept = {0, len(keyframes) - 1}
    # Points of outlines may go elsewhere than to those with their index: such ways stay as they are.
    for at, by_index in enumerate(_go_by_index(keyframes, list(pairwise(range(len(keyframes)))))):
        if not by_index:
            kept |= {at, at + 1}
    for first, last in pairwise(sorted(kept)):
        part = slice(first, last + 1)
        kept.update((first + fewest_indices(frames[part], rows[part], tolerances[part], turning)).tolist())
    return _as_shown(keyframes, kept)


def _as_shown(keyframes: Sequence[Keyframe], kept: set[int]) -> list[int]:
    """These and so many more that points of outlines go by index from each to the next."""
    while True:
        steps = [(first, last) for first, last in pairwise(sorted(kept)) if last - first > 1]
        fits = _go_by_index(keyframes, steps)
        middles = [(first + last) // 2 for (first, last), fit in zip(steps, fits, strict=True) if not fit]
        if not middles:
            return list(kept)
        kept.update(middles)


def _go_by_index(keyframes: Sequence[Keyframe], steps: Sequence[tuple[int, int]]) -> list[bool]:
    none = np.empty(0)
    return keeps_point_order(
        [Segment(keyframes[first].geometry, keyframes[last].geometry, none) for first, last in steps]
    )


# ---- numbers ----


def _row(keyframe: Keyframe) -> list[float]:
    """All its coordinates and angles: the geometry's, the keypoints', and roll, pitch and yaw."""
    points = (number for point in keyframe.keypoints for number in (point.x, point.y))
    angles = angles_to_vector(keyframe.rpy) if keyframe.rpy else []
    return [*to_vector(keyframe.geometry), *points, *angles]


def _turning(keyframe: Keyframe, count: int) -> Ints:
    """Which of `count` columns are angles."""
    columns = np.arange(count)
    own = columns[ANGLE_COLUMNS.get(keyframe.geometry.kind, slice(0))]
    return np.concatenate([own, columns[-3:]]) if keyframe.rpy else own


def _tolerances(keyframes: Sequence[Keyframe], rows: Floats, tolerance: float) -> Floats:
    """How far each number [n, d] of each row may be off, so that all that depends on it is off by no more than
    `tolerance` pixels."""
    found = np.full(rows.shape, tolerance / sqrt(2))
    geometry = keyframes[0].geometry
    match geometry:
        case Box():
            sizes = np.hypot(rows[:, 2] - rows[:, 0], rows[:, 3] - rows[:, 1]) / 2
            found[:, :5] = _shares(rows[:, 4], sizes, upright=1.0, turned=0.5) * tolerance
        case Circle():
            # Of the border: the centre's two coordinates together, and the radius.
            found[:, :3] = 0.4 * tolerance
        case Ellipse():
            found[:, :5] = _shares(rows[:, 4], rows[:, 2:4].max(axis=1), upright=0.4, turned=0.29) * tolerance
        case Rpy():
            found[:, 2:5] = tolerance
    if keyframes[0].rpy:
        found[:, -3:] = tolerance
    return found


def _shares(rotations: Floats, sizes: Floats, *, upright: float, turned: float) -> Floats:
    """[n, 5] which share of a tolerance is left to four coordinates and to the rotation, in degrees a pixel: what is
    farthest from the centre is `sizes` [n] pixels away from it."""
    if (rotations == rotations[0]).all():
        return np.full((len(rotations), 5), upright)
    angles = np.degrees(0.29 / np.maximum(sizes, 1.0))
    return np.column_stack([np.full((len(rotations), 4), turned), angles])
