"""The index of a clip's rendition, from its plan and the sizes of its samples."""

from collections.abc import Sequence
from typing import Any

from common.contract.clips import ClipIndex, Segment
from frames.domain.gops import ClipPlan


def copied_index(media_id: str, plan: ClipPlan, video: dict[str, Any]) -> ClipIndex:
    """The index of samples copied from the source, one after the other in the plan's order."""
    segments = []
    offset = sample = 0
    for gop in plan.gops:
        size = sum(one.size for one in gop.samples)
        segments.append(Segment(first=gop.first, count=len(gop.frames), offset=offset, size=size, sample=sample))
        offset, sample = offset + size, sample + len(gop.samples)
    samples = [one for gop in plan.gops for one in gop.samples]
    return ClipIndex(
        media_id=media_id,
        clip=plan.clip,
        rendition="copy",
        codec=video["avc_codec"],
        description=video["avc_description"],
        width=video["width"],
        height=video["height"],
        rotation=video["rotation"],
        first=plan.first,
        count=plan.count,
        segments=segments,
        sample_size=[one.size for one in samples],
        sample_frame=[one.frame for one in samples],
        time_base=tuple(video["time_base"]),
        pts=plan.pts,
    )


def encoded_index(
    media_id: str,
    plan: ClipPlan,
    video: dict[str, Any],
    encoded: dict[str, Any],
    segment_sizes: Sequence[Sequence[int]],
) -> ClipIndex:
    """The index of a proxy: upright, its samples in the order of showing."""
    segments = []
    offset = sample = 0
    for sizes in segment_sizes:
        first, size = plan.first + sample, sum(sizes)
        segments.append(Segment(first=first, count=len(sizes), offset=offset, size=size, sample=sample))
        offset, sample = offset + size, sample + len(sizes)
    return ClipIndex(
        media_id=media_id,
        clip=plan.clip,
        rendition="proxy",
        codec=encoded["codec"],
        description=encoded["description"],
        width=encoded["width"],
        height=encoded["height"],
        first=plan.first,
        count=plan.count,
        segments=segments,
        sample_size=[size for sizes in segment_sizes for size in sizes],
        sample_frame=list(range(plan.first, plan.first + sample)),
        time_base=tuple(video["time_base"]),
        pts=plan.pts,
    )


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
