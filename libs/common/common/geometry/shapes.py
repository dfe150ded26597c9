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

# The batch size in shapes: large enough for NumPy to be efficient, a few megabytes.
SHAPES_PER_BATCH = 32_768
_BY_FRAME = attrgetter("frame")


class Shape(NamedTuple):
    """The visible shape of an object on a frame. `keyframe` is the index of the last keyframe up to the frame, whose
    other fields apply. `is_key`: the keyframe is on this frame; otherwise the shape is interpolated."""

    frame: int
    geometry: Geometry
    keyframe: int
    is_key: bool
    keypoints: list[Keypoint]
    rpy: Angles | None


def interpolate_shapes(keyframes: Sequence[Keyframe], first: int, last: int) -> Iterator[Shape]:
    """Every visible shape on frames first…last (inclusive) of an object with sorted keyframes."""
    begin = max(bisect_right(keyframes, first, key=_BY_FRAME) - 1, 0)
    part = keyframes[begin : bisect_right(keyframes, last, key=_BY_FRAME) + 1]
    visible = visible_frames(TrackTimeline.of([part] if part else []), first, last)
    touched, starts = np.unique(visible.keyframe, return_index=True)
    segments = [
        _visible_segment(part[at], part[min(at + 1, len(part) - 1)], begin + at, passed)
        for at, passed in zip(touched.tolist(), np.split(visible.passed, starts)[1:], strict=True)
    ]
    interpolated = interpolate_segments(
        [Segment(segment.left.geometry, segment.right.geometry, segment.fractions) for segment in segments]
    )
    for segment, geometries in zip(segments, interpolated, strict=True):
        yield from _shapes(segment, geometries)


class _VisibleSegment(NamedTuple):
    """The visible frames from one keyframe up to the next: interpolated ones at `fractions` [f], and that of the
    keyframe if `with_key`. `number` is the index of the left keyframe."""

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
    """Every visible shape of many objects on frames first…last with the index of its object, sorted by frame and
    object."""
    timing = TrackTimeline.of(tracks)
    for begin, end in frame_windows(timing, last + 1, SHAPES_PER_BATCH, first):
        shapes = [interpolate_shapes(keyframes, begin, end) for keyframes in tracks]
        for track in timing.track[visible_frames(timing, begin, end).keyframe].tolist():
            yield track, next(shapes[track])


def shape_at(keyframes: Sequence[Keyframe], frame: int) -> Shape | None:
    """The shape of the object on a frame; None if it is not visible."""
    return next(interpolate_shapes(keyframes, frame, frame), None)


def geometry_at(keyframes: Sequence[Keyframe], frame: int) -> Geometry | None:
    """The geometry of the object on a frame; None if it is not visible."""
    shape = shape_at(keyframes, frame)
    return shape.geometry if shape else None


def attributes_at(keyframes: Sequence[Keyframe], frame: int) -> Attributes:
    """The mutable attributes in effect on a frame, visible or not."""
    attributes: Attributes = {}
    for keyframe in keyframes[: bisect_right(keyframes, frame, key=_BY_FRAME)]:
        attributes.update(keyframe.attributes)
    return attributes


def effective_attributes(keyframes: Sequence[Keyframe]) -> list[Attributes]:
    """The mutable attributes in effect from each keyframe to the next."""
    effective: list[Attributes] = []
    for keyframe in keyframes:
        previous = effective[-1] if effective else {}
        effective.append({**previous, **keyframe.attributes} if keyframe.attributes else previous)
    return effective
