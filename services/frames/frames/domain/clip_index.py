"""The index of a clip's rendition, from its plan and the sizes of its samples."""

from collections.abc import Iterable, Sequence
from itertools import accumulate
from typing import Any

from common.contract.clips import ClipIndex, Segment
from frames.domain.gops import ClipPlan


def copied_index(media_id: str, plan: ClipPlan, video: dict[str, Any]) -> ClipIndex:
    """The index of samples copied from the source, in the plan's order."""
    samples = [sample for gop in plan.gops for sample in gop.samples]
    sizes = [[sample.size for sample in gop.samples] for gop in plan.gops]
    return ClipIndex(
        **_plan_fields(media_id, plan, video),
        rendition="copy",
        codec=video["avc_codec"],
        description=video["avc_description"],
        width=video["width"],
        height=video["height"],
        rotation=video["rotation"],
        segments=_segments(((gop.first, len(gop.frames)) for gop in plan.gops), sizes),
        sample_size=[sample.size for sample in samples],
        sample_frame=[sample.frame for sample in samples],
    )


def encoded_index(
    media_id: str,
    plan: ClipPlan,
    video: dict[str, Any],
    encoded: dict[str, Any],
    segment_sizes: Sequence[Sequence[int]],
) -> ClipIndex:
    """The index of a proxy: upright, its samples in presentation order."""
    counts = [len(sizes) for sizes in segment_sizes]
    firsts = accumulate(counts, initial=plan.first)
    return ClipIndex(
        **_plan_fields(media_id, plan, video),
        rendition="proxy",
        codec=encoded["codec"],
        description=encoded["description"],
        width=encoded["width"],
        height=encoded["height"],
        segments=_segments(zip(firsts, counts, strict=False), segment_sizes),
        sample_size=[size for sizes in segment_sizes for size in sizes],
        sample_frame=list(range(plan.first, plan.first + sum(counts))),
    )


def _plan_fields(media_id: str, plan: ClipPlan, video: dict[str, Any]) -> dict[str, Any]:
    return {
        "media_id": media_id,
        "clip": plan.clip,
        "first": plan.first,
        "count": plan.count,
        "time_base": tuple(video["time_base"]),
        "pts": plan.pts,
    }


def _segments(frames: Iterable[tuple[int, int]], segment_sizes: Iterable[Sequence[int]]) -> list[Segment]:
    """Consecutive segments, from the first frame and the frame count of each, and the sizes of its samples."""
    segments = []
    offset = sample = 0
    for (first, count), sizes in zip(frames, segment_sizes, strict=False):
        size = sum(sizes)
        segments.append(Segment(first=first, count=count, offset=offset, size=size, sample=sample))
        offset, sample = offset + size, sample + len(sizes)
    return segments


def still_index(media_id: str, width: int, height: int, size: int) -> ClipIndex:
    """The index of an image: one JPEG."""
    return ClipIndex(
        media_id=media_id,
        clip=0,
        rendition="still",
        codec="jpeg",
        width=width,
        height=height,
        first=0,
        count=1,
        segments=[Segment(first=0, count=1, offset=0, size=size, sample=0)],
        sample_size=[size],
        sample_frame=[0],
        time_base=(1, 1),
        pts=[0],
    )
