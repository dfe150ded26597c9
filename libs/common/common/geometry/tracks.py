"""Whole tracks at once: what is visible on which frame, and every visible box there, computed from keyframes. The
one implementation in Python; the browser's is checked against the same committed cases. `shapes` does the same for
every other kind of geometry.

Rules: from its first keyframe on, an object is shown until a keyframe that is `outside`; coordinates go
straight from one keyframe to the next, also to one that is outside; rotation takes the short arc, and
exactly half a turn turns +180°; after the last keyframe the box stays to the end; everything else holds from
the keyframe on the left.
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
    """When the objects of many tracks are visible, one track after the other, whatever their geometry is.

    `frames` (k,) ascends within a track; `outside` (k,); `starts` (tracks,) is the index of each track's first
    keyframe, ascending from 0.
    """

    frames: Ints
    outside: Bools
    starts: Ints

    @cached_property
    def track(self) -> Ints:
        """(k,) which track each keyframe belongs to."""
        ends = np.append(self.starts[1:], len(self.frames))
        return np.repeat(np.arange(len(self.starts)), ends - self.starts)

    @cached_property
    def is_last(self) -> Bools:
        """(k,) whether the keyframe is its track's last."""
        is_last = np.zeros(len(self.frames), np.bool_)
        is_last[self.starts[1:] - 1] = True
        is_last[-1:] = True
        return is_last

    @cached_property
    def _next_frames(self) -> Ints:
        """(k,) the frame of the track's next keyframe; far away after the last."""
        return np.where(self.is_last, np.iinfo(np.int64).max, np.roll(self.frames, -1))

    def ranges(self, first: int, last: int) -> tuple[Ints, Ints]:
        """(k,) from which frame up to, not including, which frame each keyframe's shape is shown within
        first…last; equal where it is not shown."""
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
        """From keyframes as they travel, each track's in order and at least one."""
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
        """From keyframes as they travel, each track's in order and at least one, all of them boxes.

        Raises:
            TypeError: a geometry is no box.
        """
        timing = TrackTimeline.of(tracks)
        rows = [_row(keyframe) for track in tracks for keyframe in track]
        return cls(timing.frames, np.array(rows, np.float64).reshape(-1, 5), timing.outside, timing.starts)

    @cached_property
    def _steps(self) -> Floats:
        """(k, 5) how much each coordinate changes from one frame to the next."""
        steps = np.zeros_like(self.boxes_xyxyr)
        to = np.flatnonzero(~self.is_last) + 1
        steps[to - 1] = self.boxes_xyxyr[to] - self.boxes_xyxyr[to - 1]
        steps[:, 4] = short_arc(steps[:, 4])
        steps[to - 1] /= (self.frames[to] - self.frames[to - 1])[:, None]
        return steps


def _row(keyframe: Keyframe) -> tuple[float, float, float, float, float]:
    box = keyframe.geometry
    if not isinstance(box, Box):
        raise TypeError(f"a {box.kind} is no box")
    return box.x1, box.y1, box.x2, box.y2, box.rotation


@dataclass(frozen=True, slots=True)
class VisibleFrames:
    """What is visible when, by frame and then by track. `keyframe` (n,) is the index of the keyframe on that frame
    or left of it; `passed` (n,) how many frames have passed since."""

    frames: Ints
    keyframe: Ints
    passed: Ints


def visible_frames(tracks: Timeline, first: int, last: int) -> VisibleFrames:
    """Everything visible on frames first…last (inclusive): nothing before a track's first keyframe or outside, and
    after its last one to the end."""
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
    """Visible boxes, by frame and then by track. `keyframe` (n,) is the index of the keyframe on that frame
    or left of it, from which all that is not interpolated holds; `is_key` (n,) tells which of the two."""

    frames: Ints
    boxes_xyxyr: Floats
    keyframe: Ints
    is_key: Bools


def visible_boxes(tracks: Tracks, first: int, last: int) -> VisibleBoxes:
    """Every visible box on frames first…last (inclusive): linear between keyframes, rotation by the short
    arc, nothing outside, the last box held to the end."""
    visible = visible_frames(tracks, first, last)
    boxes = tracks._steps[visible.keyframe]  # noqa: SLF001
    boxes *= visible.passed[:, None]
    boxes += tracks.boxes_xyxyr[visible.keyframe]
    is_key = visible.passed == 0
    # A keyframe shows exactly the angle it was given, also one of 370°.
    boxes[:, 4] = np.where(is_key, boxes[:, 4], boxes[:, 4] % 360.0)
    return VisibleBoxes(visible.frames, boxes, visible.keyframe, is_key)


def frame_windows(tracks: Timeline, frame_count: int, at_most: int, first: int = 0) -> Iterator[tuple[int, int]]:
    """Cut frames first…frame_count-1 into runs first…last with at most so many visible shapes each (more only
    where a single frame has more), so that long media are shown with flat memory."""
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
    """For each track the runs of frames first…last (inclusive) on which it is visible, joined where they
    touch."""
    begin, end = tracks.ranges(0, frame_count - 1)
    found: list[list[tuple[int, int]]] = [[] for _ in tracks.starts]
    for at in np.flatnonzero(end > begin).tolist():
        runs = found[tracks.track[at]]
        first, last = int(begin[at]), int(end[at]) - 1
        if runs and runs[-1][1] + 1 == first:
            first = runs.pop()[0]
        runs.append((first, last))
    return found
