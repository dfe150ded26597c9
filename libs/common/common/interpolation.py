"""Whole tracks at once: every visible box on every frame, computed from keyframes. The one implementation in
Python; the browser's is checked against the same committed cases.

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

from common.labels import Keyframe

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Tracks:
    """The keyframes of many tracks, one track after the other.

    `frames` (k,) ascends within a track; `boxes_xyxyr` (k, 5) is x1, y1, x2, y2 and rotation in degrees;
    `outside` (k,); `starts` (tracks,) is the index of each track's first keyframe, ascending from 0.
    """

    frames: Ints
    boxes_xyxyr: Floats
    outside: Bools
    starts: Ints

    @classmethod
    def of(cls, tracks: Sequence[Sequence[Keyframe]]) -> "Tracks":
        """From keyframes as they travel, each track's in order and at least one."""
        keyframes = [keyframe for track in tracks for keyframe in track]
        boxes = [keyframe.geometry for keyframe in keyframes]
        lengths = [0, *(len(track) for track in tracks)]
        return cls(
            np.array([keyframe.frame for keyframe in keyframes], np.int64),
            np.array([(b.x1, b.y1, b.x2, b.y2, b.rotation) for b in boxes], np.float64).reshape(-1, 5),
            np.array([keyframe.outside for keyframe in keyframes], np.bool_),
            np.cumsum(lengths[:-1], dtype=np.int64) if tracks else np.empty(0, np.int64),
        )

    @cached_property
    def track(self) -> Ints:
        """(k,) which track each keyframe belongs to."""
        ends = np.append(self.starts[1:], len(self.frames))
        return np.repeat(np.arange(len(self.starts)), ends - self.starts)

    @cached_property
    def _is_last(self) -> Bools:
        is_last = np.zeros(len(self.frames), np.bool_)
        is_last[self.starts[1:] - 1] = True
        is_last[-1:] = True
        return is_last

    @cached_property
    def _next_frames(self) -> Ints:
        """(k,) the frame of the track's next keyframe; far away after the last."""
        return np.where(self._is_last, np.iinfo(np.int64).max, np.roll(self.frames, -1))

    @cached_property
    def _steps(self) -> Floats:
        """(k, 5) how much each coordinate changes from one frame to the next."""
        steps = np.zeros_like(self.boxes_xyxyr)
        to = np.flatnonzero(~self._is_last) + 1
        steps[to - 1] = self.boxes_xyxyr[to] - self.boxes_xyxyr[to - 1]
        steps[:, 4] = 180.0 - (180.0 - steps[:, 4]) % 360.0
        steps[to - 1] /= (self.frames[to] - self.frames[to - 1])[:, None]
        return steps

    def ranges(self, first: int, last: int) -> tuple[Ints, Ints]:
        """(k,) from which frame up to, not including, which frame each keyframe's box is shown within
        first…last; equal where it is not shown."""
        begin = np.maximum(self.frames, first)
        end = np.maximum(begin, np.minimum(self._next_frames, last + 1))
        return begin, np.where(self.outside, begin, end)


@dataclass(frozen=True, slots=True)
class Shown:
    """Visible boxes, by frame and then by track. `keyframe` (n,) is the index of the keyframe on that frame
    or left of it, from which all that is not interpolated holds; `is_key` (n,) tells which of the two."""

    frames: Ints
    boxes_xyxyr: Floats
    keyframe: Ints
    is_key: Bools


def shown(tracks: Tracks, first: int, last: int) -> Shown:
    """Every visible box on frames first…last (inclusive): linear between keyframes, rotation by the short
    arc, nothing outside, the last box held to the end."""
    begin, end = tracks.ranges(first, last)
    touched = np.flatnonzero(end > begin)
    counts = (end - begin)[touched]
    keyframe = np.repeat(touched, counts)
    firsts = np.cumsum(counts) - counts
    frames = np.repeat(begin[touched] - firsts, counts) + np.arange(len(keyframe))
    by_frame = np.argsort(frames, kind="stable")
    frames, keyframe = frames[by_frame], keyframe[by_frame]
    passed = frames - tracks.frames[keyframe]
    boxes = tracks.boxes_xyxyr[keyframe] + tracks._steps[keyframe] * passed[:, None]  # noqa: SLF001
    is_key = passed == 0
    # A keyframe shows exactly the angle it was given, also one of 370°.
    boxes[:, 4] = np.where(is_key, boxes[:, 4], boxes[:, 4] % 360.0)
    return Shown(frames, boxes, keyframe, is_key)


def windows(tracks: Tracks, frame_count: int, boxes_at_most: int) -> Iterator[tuple[int, int]]:
    """Cut frames 0…frame_count-1 into runs first…last with at most so many visible boxes each (more only
    where a single frame has more), so that long media are shown with flat memory."""
    begin, end = tracks.ranges(0, frame_count - 1)
    visible = end > begin
    changes = np.bincount(begin[visible], minlength=frame_count + 1)
    changes = changes - np.bincount(end[visible], minlength=frame_count + 1)
    up_to = np.cumsum(np.cumsum(changes[:frame_count]))
    first, before = 0, 0
    while first < frame_count:
        last = int(np.searchsorted(up_to, before + boxes_at_most, side="right")) - 1
        last = min(max(last, first), frame_count - 1)
        yield first, last
        first, before = last + 1, int(up_to[last])


def spans(tracks: Tracks, frame_count: int) -> list[list[tuple[int, int]]]:
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
