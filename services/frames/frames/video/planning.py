"""Planning: every frame of a file in presentation order, counted by its content and not by its headers.

H.264 in MP4 and MOV is counted by its packets, many times faster than it is decoded; everything else by decoding.
"""

from collections.abc import Iterator
from typing import Any, BinaryIO

from common.sandbox.worker import Undecodable, Yielded
from frames.domain import h264
from frames.domain.gops import ClipPlan, Gop, NotByPackets, Packet, clips_of, closed_gops, pack_plan
from frames.domain.images import THUMBNAIL_WIDTH
from frames.video.images import encode_image, upright_bgr
from frames.video.source import Source

# The longest group of decoded frames in a video without key frames.
MAX_DECODED_GROUP = 600
# Neither changes the number of frames; a third of the work is saved.
_COUNT_ONLY = {"skip_loop_filter": "all", "skip_idct": "all"}


def plan(source: BinaryIO, content_type: str, frames_per_clip: int, threads: int) -> Iterator[Yielded]:
    """The video's properties with its thumbnail; then the plan of each clip as soon as it is complete; then the totals.

    Raises:
        Undecodable: not one frame can be decoded.
    """
    yield _properties(Source(source, content_type))
    planned, last = 0, None
    for gops_of in (_gops_of_packets, _gops_of_frames):
        try:
            for clip in clips_of(gops_of(Source(source, content_type, threads, _COUNT_ONLY)), frames_per_clip):
                last = clip
                if clip.clip == planned:
                    head, body = pack_plan(clip)
                    yield head | _properties_of(clip), body
                    planned += 1
        except NotByPackets:
            continue
        break
    if last is None:
        raise Undecodable("no_decodable_frame")
    yield {"kind": "end", "frame_count": last.last + 1, "last_pts": last.pts[-1]}


def _properties_of(clip: ClipPlan) -> dict[str, Any]:
    return {
        "kind": "clip",
        "first_pts": clip.pts[0],
        "can_copy": clip.can_copy,
        "is_seekable": clip.is_seekable,
    }


def _properties(source: Source) -> Yielded:
    packets = ((described.number, packet) for described, packet in source.packets())
    _, frame = next(source.frames(packets), (0, None))
    if frame is None:
        raise Undecodable("no_decodable_frame")
    rotation = -round(frame.rotation / 90) * 90 % 360
    shown = upright_bgr(frame)
    configuration = _configuration(source)
    head = {
        "kind": "video",
        "codec": source.decoder.name,
        "width": shown.shape[1],
        "height": shown.shape[0],
        "rotation": rotation,
        "rate": source.declared_rate,
        "time_base": [source.stream.time_base.numerator, source.stream.time_base.denominator],
        "avc_codec": configuration.codec if configuration else None,
        "avc_description": configuration.description if configuration else None,
    }
    return head, encode_image(shown, "jpeg", min(THUMBNAIL_WIDTH, shown.shape[1]))


def _configuration(source: Source) -> h264.Configuration | None:
    """The decoder configuration of copied samples; None if they cannot be copied."""
    if not source.is_avc_in_samples:
        return None
    try:
        found = h264.configuration(source.decoder.extradata)
        progressive = found.is_progressive
    except h264.NotAvc:
        return None
    return found if progressive else None


# ---- by packets ----


def _gops_of_packets(source: Source) -> Iterator[Gop]:
    configuration = _configuration(source)
    if configuration is None:
        raise NotByPackets("these samples cannot be copied")
    return closed_gops(_whole_packets(source, configuration.length_size))


def _whole_packets(source: Source, length_size: int) -> Iterator[Packet]:
    """Packets that hold a frame. Damaged ones at the end are dropped; with one in the middle the video has to be
    decoded."""
    damaged = False
    for packet, carried in source.packets():
        if packet.number and carried.has_sidedata("new_extradata"):
            raise NotByPackets("the decoder configuration changes")
        types = _unit_types(bytes(carried), length_size)
        if not types & _SLICES:
            damaged = True
        elif damaged:
            raise NotByPackets("a packet in the middle is damaged")
        else:
            yield Packet(
                packet.number,
                packet.pts,
                packet.dts,
                packet.position,
                packet.size,
                idr=h264.IDR in types,
                hidden=packet.hidden,
            )


_SLICES = {h264.SLICE, 2, h264.IDR}


def _unit_types(sample: bytes, length_size: int) -> set[int]:
    try:
        return set(h264.unit_types(sample, length_size))
    except h264.NotAvc:
        return set()


# ---- by decoding ----


def _gops_of_frames(source: Source) -> Iterator[Gop]:
    seen: dict[int, tuple[Packet, bool]] = {}
    times: list[int] = []
    start: Packet | None = None
    group: list[tuple[int, int]] = []
    first = 0
    last_pts: int | None = None
    for number, _ in source.frames(_recorded(source, seen, times)):
        packet, is_key = seen[number]
        if start is None or is_key or len(group) >= MAX_DECODED_GROUP:
            if start is not None and group:
                yield Gop(start, first, tuple(group))
            start = packet if is_key or start is None else start
            first, group = first + len(group), []
        last_pts = _later(packet.pts if packet.pts is not None else times[first + len(group)], last_pts)
        group.append((number, last_pts))
        _forget(seen, number)
    if start is not None and group:
        yield Gop(start, first, tuple(group))


def _recorded(source: Source, seen: dict[int, tuple[Packet, bool]], times: list[int]) -> Iterator[tuple[int, Any]]:
    for packet, carried in source.packets():
        seen[packet.number] = packet, bool(carried.is_keyframe)
        times.append(packet.time)
        yield packet.number, carried


def _forget(seen: dict[int, tuple[Packet, bool]], number: int) -> None:
    """Drop packets that no later frame comes from: no codec reorders that far."""
    if number % 256 == 0:
        for old in [old for old in seen if old < number - 512]:
            del seen[old]


def _later(pts: int, last: int | None) -> int:
    return pts if last is None or pts > last else last + 1
