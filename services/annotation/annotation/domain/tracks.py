"""Where a track is: the spans of frames on which it is visible, and the clips that they touch."""

from collections.abc import Sequence
from typing import NamedTuple

from common.clips import FRAMES_PER_CLIP
from common.labels import Keyframe

# The last frame of a span that is held to the end of a medium, whose length may not be known yet.
FOREVER = 99_999_999


class Span(NamedTuple):
    """Frames first…last, inclusive."""

    first: int
    last: int


def visible_spans(keyframes: Sequence[Keyframe]) -> tuple[Span, ...]:
    """The runs of frames on which a track is visible: each from a keyframe in view up to the frame before the next
    one that is outside, the last one up to FOREVER."""
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


def reach(keyframes: Sequence[Keyframe]) -> Span:
    """From a track's first keyframe to the last frame on which it is visible or has a keyframe."""
    last = keyframes[-1]
    return Span(keyframes[0].frame, last.frame if last.outside else FOREVER)


def is_within(spans: Sequence[Span], keyframes: Sequence[Keyframe], first: int, last: int) -> bool:
    """Whether a track is visible or has a keyframe on frames first…last."""
    return any(span.first <= last and span.last >= first for span in spans) or any(
        first <= keyframe.frame <= last for keyframe in keyframes
    )


def clips_of(touched: Span, frame_count: int) -> range:
    """The numbers of the clips that frames `touched` of a medium lie in."""
    last = min(touched.last, frame_count - 1)
    return range(touched.first // FRAMES_PER_CLIP, last // FRAMES_PER_CLIP + 1) if touched.first <= last else range(0)
