"""Positions of a track: its keyframes, the spans on which it is visible, and the clips it touches."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from operator import attrgetter
from typing import NamedTuple

from common.contract.clips import FRAMES_PER_CLIP
from common.contract.labels import Attributes, Keyframe, ObjectState

# The last frame of a span that extends to the end of the medium, whose length may not be known yet.
FOREVER = 99_999_999
_FRAME = attrgetter("frame")


class Span(NamedTuple):
    """Frames first…last, inclusive."""

    first: int
    last: int


EVERYWHERE = Span(0, FOREVER)


def span_of(first: int | None, last: int | None) -> Span:
    """Frames first…last; missing bounds mean the beginning and the end."""
    return Span(first or 0, FOREVER if last is None else last)


def visible_spans(keyframes: Sequence[Keyframe]) -> tuple[Span, ...]:
    """The spans on which a track is visible, each from a visible keyframe to the frame before the next outside one;
    the last may end at FOREVER."""
    spans: list[Span] = []
    begin: int | None = None
    for keyframe in keyframes:
        if keyframe.outside:
            if begin is not None:
                spans.append(Span(begin, keyframe.frame - 1))
            begin = None
        elif begin is None:
            begin = keyframe.frame
    if begin is not None:
        spans.append(Span(begin, FOREVER))
    return tuple(spans)


def extent(keyframes: Sequence[Keyframe]) -> Span:
    """From the first keyframe to the last frame on which the track is visible or has a keyframe."""
    last = keyframes[-1]
    return Span(keyframes[0].frame, last.frame if last.outside else FOREVER)


def is_within(spans: Sequence[Span], keyframes: Sequence[Keyframe], first: int, last: int) -> bool:
    """Whether a track is visible or has a keyframe on frames first…last."""
    return any(span.first <= last and span.last >= first for span in spans) or any(
        first <= keyframe.frame <= last for keyframe in keyframes
    )


def clips_of(touched: Span, frame_count: int) -> range:
    """The numbers of the clips that contain `touched` frames."""
    last = min(touched.last, frame_count - 1)
    return range(touched.first // FRAMES_PER_CLIP, last // FRAMES_PER_CLIP + 1) if touched.first <= last else range(0)


def position_of(keyframes: Sequence[Keyframe], frame: int) -> tuple[int, bool]:
    """The index of the keyframe on `frame`, or its insertion point, and whether it exists."""
    at = bisect_left(keyframes, frame, key=_FRAME)
    return at, at < len(keyframes) and keyframes[at].frame == frame


def left_of(keyframes: Sequence[Keyframe], frame: int) -> Keyframe | None:
    """The keyframe on `frame` or the last one before it."""
    at = bisect_right(keyframes, frame, key=_FRAME)
    return keyframes[at - 1] if at else None


def is_visible(keyframes: Sequence[Keyframe], frame: int) -> bool:
    """Whether a track is visible on `frame`."""
    left = left_of(keyframes, frame)
    return left is not None and not left.outside


def attribute_names(state: ObjectState) -> set[str]:
    """The names of all attributes that an object has, on any frame."""
    return {*state.attributes, *(name for keyframe in state.keyframes for name in keyframe.attributes)}


def attributes_of(keyframes: Iterable[Keyframe]) -> Attributes:
    """The attributes in effect after a sequence of keyframes."""
    return {name: value for keyframe in keyframes for name, value in keyframe.attributes.items()}
