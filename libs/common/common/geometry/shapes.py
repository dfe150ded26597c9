"""The visible shapes of objects of any kind on each frame, interpolated between keyframes.

for shape in interpolate_shapes(keyframes, 0, 99): ...
shape_at(keyframes, 17)
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from operator import attrgetter
from typing import NamedTuple

import numpy as np

from common.contract.labels import Attributes, Keyframe
from common.geometry.interpolate import Segment, interpolate_angles, interpolate_keypoints, interpolate_segments
from common.geometry.tracks import Floats, Ints, TrackTimeline, frame_windows, visible_frames
from common.geometry.types import Angles, Geometry, Keypoint

# So many shapes are computed at once: enough for NumPy to pay, a few megabytes.
SHAPES_PER_BATCH = 32_768
_BY_FRAME = attrgetter("frame")


class Shape(NamedTuple):
    """What is seen of an object on a frame. `keyframe` is the index of the keyframe on that frame or left of it, from
    which holds all that is not here; `is_key` tells which of the two. A shape that is not key is `interpolated`."""

    frame: int
    geometry: Geometry
    keyframe: int
    is_key: bool
    keypoints: list[Keypoint]
    rpy: Angles | None


def interpolate_shapes(keyframes: Sequence[Keyframe], first: int, last: int) -> Iterator[Shape]:
    """Every visible shape of an object, whose keyframes are in order, on frames first…last (inclusive)."""
    begin = max(bisect_right(keyframes, first, key=_BY_FRAME) - 1, 0)
    part = keyframes[begin : bisect_right(keyframes, last, key=_BY_FRAME) + 1]
    visible = visible_frames(TrackTimeline.of([part] if part else []), first, last)
    touched, starts = np.unique(visible.keyframe, return_index=True)
    segments = [
        _visible_segment(part[at], part[min(at + 1, len(part) - 1)], begin + at, passed)
        for at, passed in zip(touched.tolist(), np.split(visible.passed, starts)[1:], strict=True)
    ]
    computed = interpolate_segments([Segment(one.left.geometry, one.right.geometry, one.fractions) for one in segments])
    for segment, geometries in zip(segments, computed, strict=True):
        yield from _shapes(segment, geometries)


class _VisibleSegment(NamedTuple):
    """Frames from one keyframe up to the next: those `fractions` [f] of the way, and the keyframe's own if `with_key`.
    `number` is the index of the left keyframe."""

    left: Keyframe
    right: Keyframe
    number: int
    with_key: bool
    passed: Ints
    fractions: Floats


def _visible_segment(left: Keyframe, right: Keyframe, number: int, passed: Ints) -> _VisibleSegment:
    with_key = bool(passed[0] == 0)
    after = passed[1:] if with_key else passed
    return _VisibleSegment(left, right, number, with_key, after, after / max(right.frame - left.frame, 1))


def _shapes(segment: _VisibleSegment, geometries: list[Geometry]) -> Iterator[Shape]:
    left, right, number, with_key, passed, fractions = segment
    if with_key:
        yield Shape(left.frame, left.geometry, number, True, left.keypoints, left.rpy)
    keypoints = interpolate_keypoints(left.keypoints, right.keypoints, fractions)
    angles = interpolate_angles(left.rpy, right.rpy or left.rpy, fractions) if left.rpy else [None] * len(fractions)
    for after, geometry, points, rpy in zip(passed.tolist(), geometries, keypoints, angles, strict=True):
        yield Shape(left.frame + after, geometry, number, False, points, rpy)


def visible_shapes(tracks: Sequence[Sequence[Keyframe]], first: int, last: int) -> Iterator[tuple[int, Shape]]:
    """Every visible shape of many objects on frames first…last, each with its object's index: by frame, then in the
    order of the objects."""
    timing = TrackTimeline.of(tracks)
    for begin, end in frame_windows(timing, last + 1, SHAPES_PER_BATCH, first):
        ahead = [interpolate_shapes(keyframes, begin, end) for keyframes in tracks]
        for track in timing.track[visible_frames(timing, begin, end).keyframe].tolist():
            yield track, next(ahead[track])


def shape_at(keyframes: Sequence[Keyframe], frame: int) -> Shape | None:
    """What is seen of the object on a frame; None where it is not visible."""
    return next(interpolate_shapes(keyframes, frame, frame), None)


def geometry_at(keyframes: Sequence[Keyframe], frame: int) -> Geometry | None:
    """Where the object is on a frame; None where it is not visible."""
    shape = shape_at(keyframes, frame)
    return shape.geometry if shape else None


def attributes_at(keyframes: Sequence[Keyframe], frame: int) -> Attributes:
    """The mutable attributes that hold on a frame, visible or not."""
    found: Attributes = {}
    for keyframe in keyframes[: bisect_right(keyframes, frame, key=_BY_FRAME)]:
        found.update(keyframe.attributes)
    return found


def effective_attributes(keyframes: Sequence[Keyframe]) -> list[Attributes]:
    """The mutable attributes that hold from each keyframe to the next."""
    found: list[Attributes] = []
    for keyframe in keyframes:
        before = found[-1] if found else {}
        found.append({**before, **keyframe.attributes} if keyframe.attributes else before)
    return found
