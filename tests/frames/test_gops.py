"""Groups of pictures, clip plans and seek points: tables of tiny values."""

import io
from fractions import Fraction

import av
import pytest
from hypothesis import given
from hypothesis import strategies as st

from frames.domain import h264
from frames.domain.byte_ranges import adjacent_samples
from frames.domain.gops import (
    HIDDEN,
    ClipPlan,
    Gop,
    NotByPackets,
    Packet,
    Sample,
    clips_of,
    closed_gops,
    frame_rate,
    pack_plan,
    unpack_plan,
)
from frames.domain.images import size_within
from frames.domain.media import ClipRecord, seek_points
from tests.media import barcode


def packets(pts: list[int], idr: set[int], hidden: frozenset[int] = frozenset()) -> list[Packet]:
    return [
        Packet(number, time, number, 100 * number, 10, idr=number in idr, hidden=number in hidden)
        for number, time in enumerate(pts)
    ]


def test_frames_are_numbered_in_the_order_of_showing() -> None:
    first, second = closed_gops(packets([0, 30, 10, 20, 40, 60, 50], idr={0, 4}))

    assert first.frames == ((0, 0), (2, 10), (3, 20), (1, 30))
    assert [sample.frame for sample in first.samples] == [0, 3, 1, 2]
    assert (second.first, second.last) == (4, 6)
    assert [sample.frame for sample in second.samples] == [4, 6, 5]


def test_hidden_packets_are_carried_and_have_no_number() -> None:
    (gop,) = closed_gops(packets([0, 10, 20, 30], idr={0}, hidden=frozenset({0, 1})))

    assert [sample.frame for sample in gop.samples] == [HIDDEN, HIDDEN, 0, 1]
    assert not gop.is_seekable


@pytest.mark.parametrize(
    ("pts", "idr"),
    [
        ([0, 10], set()),
        ([0, 10, 5, 20], {0, 2}),
        ([0, 10, 10], {0}),
        ([*range(700)], {0}),
    ],
    ids=["no IDR first", "groups overlap", "same time twice", "too long"],
)
def test_packets_without_a_clear_order_have_to_be_decoded(pts: list[int], idr: set[int]) -> None:
    with pytest.raises(NotByPackets):
        list(closed_gops(packets(pts, idr)))


def test_a_packet_without_a_time_has_to_be_decoded() -> None:
    with pytest.raises(NotByPackets):
        list(closed_gops([Packet(0, None, 0, 0, 10, idr=True)]))


@given(st.lists(st.integers(1, 40), min_size=1, max_size=30), st.integers(1, 50))
def test_clips_hold_every_frame_once(lengths: list[int], per_clip: int) -> None:
    gops: list[Gop] = []
    for length in lengths:
        first = gops[-1].last + 1 if gops else 0
        frames = tuple((number, 2 * number) for number in range(first, first + length))
        gops.append(Gop(Packet(first, None, first, first, 1), first, frames))

    clips = list(clips_of(gops, per_clip))

    assert [frame for clip in clips for frame in range(clip.first, clip.last + 1)] == list(range(sum(lengths)))
    assert {clip.count for clip in clips[:-1]} <= {per_clip}
    assert all(clip.pts == [2 * frame for frame in range(clip.first, clip.last + 1)] for clip in clips)
    assert [unpack_plan(*pack_plan(clip)) for clip in clips] == clips


def test_a_group_at_a_border_is_in_both_clips() -> None:
    gops = list(closed_gops(packets([*range(12)], idr={0, 6})))

    first, second, third = clips_of(gops, 5)

    assert [len(clip.gops) for clip in (first, second, third)] == [1, 2, 1]
    assert (third.first, third.count) == (10, 2)


def test_neighbouring_frames_share_a_start() -> None:
    gops = tuple(closed_gops(packets([*range(12)], idr={0, 6})))
    plan = ClipPlan(0, 0, 12, gops)

    found = seek_points([plan], [1, 2, 7])

    assert [(entry["start"][0], entry["frames"]) for entry in found] == [(0, [(1, 1), (2, 2)]), (6, [(7, 7)])]


def test_a_short_group_in_order_needs_no_proxy() -> None:
    short = list(closed_gops(packets([*range(10)], idr={0})))
    reordered = list(closed_gops(packets([0, 2, 1], idr={0})))
    long = list(closed_gops(packets([*range(20)], idr={0})))

    assert [gops[0].is_seekable for gops in (short, reordered, long)] == [True, False, False]


@pytest.mark.parametrize(
    ("can_copy", "seekable", "renditions", "needs_copy", "needs_proxy", "best"),
    [
        (True, False, set(), True, True, None),
        (True, True, set(), True, False, None),
        (True, False, {"copy"}, False, True, "copy"),
        (False, False, set(), False, True, None),
        (True, False, {"copy", "proxy"}, False, False, "proxy"),
        (False, True, {"still"}, False, False, "still"),
    ],
)
def test_the_renditions_that_are_still_needed(
    *, can_copy: bool, seekable: bool, renditions: set[str], needs_copy: bool, needs_proxy: bool, best: str | None
) -> None:
    cut = ClipRecord(0, 0, 9, can_copy, seekable, frozenset(renditions))  # type: ignore[arg-type]

    assert (cut.needs_copy, cut.needs_proxy, cut.best("seeking")) == (needs_copy, needs_proxy, best)


@pytest.mark.parametrize(
    ("count", "duration_s", "declared", "rate"),
    [
        (1, 0.0, None, 1.0),
        (1, 0.0, 25.0, 25.0),
        (101, 4.0, 25.0, 25.0),
        (101, 4.0, 50.0, 25.0),
        (101, 3.337, None, 29.967),
        (101, 100 * 1001 / 30000, 30000 / 1001, 30000 / 1001),
    ],
)
def test_a_declared_rate_is_used_if_it_matches_the_measured_one(
    count: int, duration_s: float, declared: float | None, rate: float
) -> None:
    assert frame_rate(count, duration_s, declared) == rate


def test_images_are_never_enlarged() -> None:
    assert size_within(1920, 1080, None) == (1920, 1080)
    assert size_within(1920, 1080, 4000) == (1920, 1080)
    assert size_within(1920, 1080, 320) == (320, 180)
    assert size_within(10_000, 2, 16) == (16, 1)


def test_samples_that_lie_near_each_other_are_read_at_once() -> None:
    samples = [Sample(0, 10, 0), Sample(10, 10, 1), Sample(500, 10, 2), Sample(10_000_000, 10, 3), Sample(5, 5, 4)]

    assert [len(group) for group in adjacent_samples(samples)] == [3, 1, 1]


def encoder_output(flags: str, size: tuple[int, int] = (64, 48), **fields: str) -> tuple[bytes, list[bytes]]:
    """The avcC record and the samples that FFmpeg's own muxer writes."""
    file = io.BytesIO()
    with av.open(file, "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=25)
        stream.width, stream.height = size
        stream.pix_fmt = fields.get("pix_fmt", "yuv420p")
        stream.codec_context.options = {"x264-params": flags}
        for number in range(3):
            frame = av.VideoFrame.from_ndarray(barcode(number, *size), format="bgr24")
            frame.pts, frame.time_base = number, Fraction(1, 25)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    file.seek(0)
    with av.open(file, "r") as written:
        video = written.streams.video[0]
        return bytes(video.codec_context.extradata or b""), [bytes(p) for p in written.demux(video) if p.size]


@pytest.mark.parametrize(
    ("flags", "progressive"),
    [("bframes=0", True), ("interlaced=1", False), ("bframes=3:ref=4:cqm=jvt", True), ("fake-interlaced=1", False)],
)
def test_a_decoder_configuration_is_read(flags: str, progressive: bool) -> None:
    extradata, samples = encoder_output(flags)

    found = h264.configuration(extradata)

    assert found.codec.startswith("avc1.")
    assert found.is_progressive == progressive
    assert h264.IDR in set(h264.unit_types(samples[0], found.length_size))


def test_a_configuration_of_parameter_sets_is_the_muxers_own() -> None:
    extradata, _ = encoder_output("bframes=0")
    sps_size = int.from_bytes(extradata[6:8], "big")
    sps = extradata[8 : 8 + sps_size]
    pps_size = int.from_bytes(extradata[9 + sps_size : 11 + sps_size], "big")
    pps = extradata[11 + sps_size : 11 + sps_size + pps_size]

    assert h264.configuration_of(sps, pps).record == extradata


@pytest.mark.parametrize("record", [None, b"", b"\0\0\0\1gabc", b"\1abc\xff\xe0" + bytes(10)])
def test_an_invalid_configuration_is_refused(record: bytes | None) -> None:
    with pytest.raises(h264.NotAvc):
        h264.configuration(record)


@pytest.mark.parametrize("sample", [b"\0\0\0\5ab", b"\0\0\0\0", b"\0\0", b"\xff\xff\xff\xff\x65"])
def test_a_sample_with_invalid_lengths_is_refused(sample: bytes) -> None:
    with pytest.raises(h264.NotAvc):
        list(h264.unit_types(sample, 4))


def test_a_stream_becomes_samples() -> None:
    stream = b"\0\0\0\1\x67abc\0\0\1\x68de\0\0\0\1\x65slice\0\0\1\x06remark"

    units = list(h264.units_of_stream(stream))

    assert units == [b"\x67abc", b"\x68de", b"\x65slice", b"\x06remark"]
    assert h264.sample_of(units) == b"\0\0\0\6\x65slice"
