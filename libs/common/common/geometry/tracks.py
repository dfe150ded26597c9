"""Vectorized interpolation of whole tracks: the visible frames, and the visible boxes on them. This is the only
implementation in Python; the browser's is verified against the same committed cases. `shapes` covers all other kinds of
geometry.

Rules: an object is visible from its first keyframe to a keyframe that is `outside`. Coordinates are interpolated
linearly, also towards a keyframe that is outside. Rotation takes the short arc; exactly half a turn is +180°. After the
last keyframe, the box stays to the end. All other fields are those of the previous keyframe.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from common.contract.labels import Keyframe
from common.geometry.angles import short_arc
from common.geometry.types import Box

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


class Timeline:
    """When the objects of many tracks are visible, independent of their geometry. Keyframes are concatenated by track.

    `frames` (k,) ascends within a track; `outside` (k,); `starts` (tracks,) is the index of each track's first
    keyframe, ascending from 0.
    """

    frames: Ints
    outside: Bools
    starts: Ints

    @cached_property
    def track(self) -> Ints:
        """(k,) the index of the track of each keyframe."""
        ends = np.append(self.starts[1:], len(self.frames))
        return np.repeat(np.arange(len(self.starts)), ends - self.starts)

    @cached_property
    def is_last(self) -> Bools:
        """(k,) whether the keyframe is the last of its track."""
        is_last = np.zeros(len(self.frames), np.bool_)
        is_last[self.starts[1:] - 1] = True
        is_last[-1:] = True
        return is_last

    @cached_property
    def _next_frames(self) -> Ints:
        """(k,) the frame of the next keyframe of the track; the maximum after the last."""
        return np.where(self.is_last, np.iinfo(np.int64).max, np.roll(self.frames, -1))

    def ranges(self, first: int, last: int) -> tuple[Ints, Ints]:
        """(k,) the begin and end (exclusive) frames within first…last on which each keyframe is in effect and visible;
        equal if there are none."""
        begin = np.maximum(self.frames, first)
        end = np.maximum(begin, np.minimum(self._next_frames, last + 1))
        return begin, np.where(self.outside, begin, end)


@dataclass(frozen=True)
class TrackTimeline(Timeline):
    """When the objects of many tracks are visible, without their geometries."""

    frames: Ints
    outside: Bools
    starts: Ints

    @classmethod
    def of(cls, tracks: Sequence[Sequence[Keyframe]]) -> "TrackTimeline":
        """Build from the sorted keyframes of each track, at least one per track."""
        keyframes = [keyframe for track in tracks for keyframe in track]
        lengths = [0, *(len(track) for track in tracks)]
        return cls(
            np.array([keyframe.frame for keyframe in keyframes], np.int64),
            np.array([keyframe.outside for keyframe in keyframes], np.bool_),
            np.cumsum(lengths[:-1], dtype=np.int64) if tracks else np.empty(0, np.int64),
        )


@dataclass(frozen=True)
class Tracks(Timeline):
    """The keyframes of many tracks of boxes. `boxes_xyxyr` (k, 5) is x1, y1, x2, y2 and rotation in degrees."""

    frames: Ints
    boxes_xyxyr: Floats
    outside: Bools
    starts: Ints

    @classmethod
    def of(cls, tracks: Sequence[Sequence[Keyframe]]) -> "Tracks":
        """Build from the sorted keyframes of each track, at least one per track, all of them boxes.

        Raises:
            TypeError: A geometry is not a box.
        """
        timing = TrackTimeline.of(tracks)
        rows = [_row(keyframe) for track in tracks for keyframe in track]
        return cls(timing.frames, np.array(rows, np.float64).reshape(-1, 5), timing.outside, timing.starts)

    @cached_property
    def _steps(self) -> Floats:
        """(k, 5) the change of each coordinate per frame."""
        steps = np.zeros_like(self.boxes_xyxyr)
        to = np.flatnonzero(~self.is_last) + 1
        steps[to - 1] = self.boxes_xyxyr[to] - self.boxes_xyxyr[to - 1]
        steps[:, 4] = short_arc(steps[:, 4])
        steps[to - 1] /= (self.frames[to] - self.frames[to - 1])[:, None]
        return steps


def _row(keyframe: Keyframe) -> tuple[float, float, float, float, float]:
    box = keyframe.geometry
    if not isinstance(box, Box):
        raise TypeError(f"a {box.kind} is not a box")
    return box.x1, box.y1, box.x2, box.y2, box.rotation


@dataclass(frozen=True, slots=True)
class VisibleFrames:
    """Visible objects, sorted by frame and track. `keyframe` (n,) is the index of the last keyframe up to the frame,
    `passed` (n,) the number of frames since."""

    frames: Ints
    keyframe: Ints
    passed: Ints


def visible_frames(tracks: Timeline, first: int, last: int) -> VisibleFrames:
    """All visible objects on frames first…last (inclusive): none before the first keyframe of a track or while outside;
    the last keyframe holds to the end."""
    begin, end = tracks.ranges(first, last)
    touched = np.flatnonzero(end > begin)
    counts = (end - begin)[touched]
    keyframe = np.repeat(touched, counts)
    firsts = np.cumsum(counts) - counts
    frames = np.repeat(begin[touched] - firsts, counts) + np.arange(len(keyframe))
    by_frame = np.argsort(frames, kind="stable")
    frames, keyframe = frames[by_frame], keyframe[by_frame]
    return VisibleFrames(frames, keyframe, frames - tracks.frames[keyframe])


@dataclass(frozen=True, slots=True)
class VisibleBoxes:
    """Visible boxes by frame and track. `keyframe` (n,) is the index of the last keyframe up to the frame, whose other
    fields apply; `is_key` (n,): the keyframe is on this frame."""

    frames: Ints
    boxes_xyxyr: Floats
    keyframe: Ints
    is_key: Bools


def visible_boxes(tracks: Tracks, first: int, last: int) -> VisibleBoxes:
    """Every visible box on frames first…last (inclusive): linear between keyframes, rotation along the short arc, none
    while outside, the last box held to the end."""
    visible = visible_frames(tracks, first, last)
    boxes = tracks._steps[visible.keyframe]  # noqa: SLF001
    boxes *= visible.passed[:, None]
    boxes += tracks.boxes_xyxyr[visible.keyframe]
    is_key = visible.passed == 0
    # A keyframe keeps its exact angle, for example 370°.
    boxes[:, 4] = np.where(is_key, boxes[:, 4], boxes[:, 4] % 360.0)
    return VisibleBoxes(visible.frames, boxes, visible.keyframe, is_key)


def frame_windows(tracks: Timeline, frame_count: int, at_most: int, first: int = 0) -> Iterator[tuple[int, int]]:
    """Windows first…last of the frames up to frame_count-1 with at most `at_most` visible shapes each (more only if a
    single frame has more), for constant memory with long media."""
    begin, end = tracks.ranges(first, frame_count - 1)
    visible = end > begin
    changes = np.bincount(begin[visible] - first, minlength=frame_count - first + 1)
    changes = changes - np.bincount(end[visible] - first, minlength=frame_count - first + 1)
    up_to = np.cumsum(np.cumsum(changes[: frame_count - first]))
    origin, before = first, 0
    while first < frame_count:
        last = origin + int(np.searchsorted(up_to, before + at_most, side="right")) - 1
        last = min(max(last, first), frame_count - 1)
        yield first, last
        first, before = last + 1, int(up_to[last - origin])


def track_spans(tracks: Timeline, frame_count: int) -> list[list[tuple[int, int]]]:
    """For each track the ranges of frames first…last (inclusive) on which it is visible, with adjacent ones merged."""
    begin, end = tracks.ranges(0, frame_count - 1)
    spans: list[list[tuple[int, int]]] = [[] for _ in tracks.starts]
    for at in np.flatnonzero(end > begin).tolist():
        ranges = spans[tracks.track[at]]
        first, last = int(begin[at]), int(end[at]) - 1
        if ranges and ranges[-1][1] + 1 == first:
            first = ranges.pop()[0]
        ranges.append((first, last))
    return spans
