"""Frame n is frame n: planned, copied, encoded, rendered, decoded again."""

import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from common.contract.clips import ClipIndex
from common.sandbox.decoder import decode_clip
from common.sandbox.parent import Undecodable
from common.sandbox.worker import Yielded
from frames.domain.clip_index import copied_index, encoded_index
from frames.domain.gops import ClipPlan, unpack_plan
from frames.video.encoding import encode
from frames.video.images import render_frames, still_and_thumbnail
from frames.video.planning import plan
from tests.frames.images import decoded
from tests.media import number_in, truncated, write_image, write_video

TYPES = {".mp4": "video/mp4", ".mov": "video/quicktime", ".avi": "video/x-msvideo", ".wmv": "video/x-ms-wmv"}


@dataclass
class Planned:
    path: Path
    content_type: str
    head: dict[str, Any]
    thumbnail: bytes
    clips: list[ClipPlan]
    end: dict[str, Any]

    @property
    def frame_count(self) -> int:
        return int(self.end["frame_count"])


def planned(path: Path, frames_per_clip: int = 20) -> Planned:
    """The plan of a file, without the sandbox."""
    content_type = TYPES[path.suffix]
    with path.open("rb") as file:
        first, *clips, end = plan(file, content_type, frames_per_clip, 1)
    head, thumbnail = with_body(first)
    return Planned(path, content_type, head, thumbnail, [unpack_plan(*with_body(clip)) for clip in clips], head_of(end))


def with_body(message: Yielded) -> tuple[dict[str, Any], bytes]:
    """Head and body of a message."""
    assert isinstance(message, tuple)
    head, body = message
    return head, bytes(body)


def head_of(message: Yielded) -> dict[str, Any]:
    """The head of a message without a body."""
    assert isinstance(message, dict)
    return message


def copy_of(found: Planned, clip: ClipPlan) -> tuple[ClipIndex, bytes]:
    index = copied_index("m", clip, found.head)
    content = found.path.read_bytes()
    samples = [sample for gop in clip.gops for sample in gop.samples]
    return index, b"".join(content[s.position : s.position + s.size] for s in samples)


def proxy_of(found: Planned, clip: ClipPlan) -> tuple[ClipIndex, bytes]:
    gop = clip.gop_of(clip.first)
    start = [gop.start.number, gop.start.time, gop.start.position, gop.start.size]
    packets = [packet for packet, _ in clip.frames(clip.first, clip.last)]
    with found.path.open("rb") as file:
        first, *rest = encode(file, found.content_type, start, packets, 6, 20, "veryfast", 1)
    segments = [with_body(segment) for segment in rest]
    index = encoded_index("m", clip, found.head, head_of(first), [head["sizes"] for head, _ in segments])
    return index, b"".join(body for _, body in segments)


def rendered(found: Planned, clip: ClipPlan, frames: list[int]) -> list[int]:
    wanted = []
    for frame in frames:
        gop = clip.gop_of(frame)
        start = [gop.start.number, gop.start.time, gop.start.position, gop.start.size]
        wanted.append({"start": start, "frames": [(frame, clip.frames(frame, frame)[0][0])]})
    with found.path.open("rb") as file:
        messages = list(render_frames(file, found.content_type, wanted, "png", None, 1))
    return [number_in(decoded(with_body(message)[1])) for message in messages]


VIDEOS: dict[str, dict[str, Any]] = {
    "h264.mp4": {},
    "h264-bframes.mp4": {"bframes": 3, "gop": 24},
    "h264.mov": {"bframes": 2, "audio": True},
    "h264-one-gop.mp4": {"gop": 250},
    "h264-open-gop.mp4": {"bframes": 3, "options": {"x264-params": "keyint=12:min-keyint=12:open-gop=1:bframes=3"}},
    "h264-vfr.mp4": {"pts": [0, 40, 41, 200, *range(300, 300 + 43 * 17, 17)]},
    "h264-interlaced.mp4": {"options": {"x264-params": "interlaced=1:keyint=12:bframes=2"}},
    "h264-422.mp4": {"pixel_format": "yuv422p"},
    "h264.avi": {"bframes": 2},
    "mpeg4.avi": {"codec": "mpeg4"},
    "mpeg4-bframes.avi": {"codec": "mpeg4", "bframes": 2},
    "mjpeg.avi": {"codec": "mjpeg", "pixel_format": "yuvj420p"},
    "mpeg4.mp4": {"codec": "mpeg4", "bframes": 2},
    "wmv2.wmv": {"codec": "wmv2"},
    "prores.mov": {"codec": "prores_ks", "pixel_format": "yuv422p10le"},
    "odd.mov": {"codec": "png", "size": (211, 97), "pixel_format": "rgb24"},
    "vp9.mp4": {"codec": "libvpx-vp9"},
}
FRAMES = 47


@pytest.fixture(scope="module", params=VIDEOS)
def video(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Planned:
    path = write_video(tmp_path_factory.mktemp("video") / request.param, FRAMES, **VIDEOS[request.param])
    return planned(path)


def test_every_frame_is_counted_and_in_a_clip(video: Planned) -> None:
    assert video.frame_count == FRAMES
    assert [(clip.first, clip.count) for clip in video.clips] == [(0, 20), (20, 20), (40, 7)]
    pts = [pts for clip in video.clips for pts in clip.pts]
    assert pts == sorted(set(pts))


def test_frame_n_of_a_proxy_is_frame_n(video: Planned) -> None:
    for clip in video.clips:
        index, samples = proxy_of(video, clip)
        frames = list(decode_clip(index, io.BytesIO(samples)))
        assert [number for number, _ in frames] == list(range(clip.first, clip.last + 1))
        assert [number_in(image) for _, image in frames] == [number for number, _ in frames]
        assert {image.shape for _, image in frames} == {(video.head["height"], video.head["width"], 3)}
        assert [segment.count for segment in index.segments][:-1] == [6] * (len(index.segments) - 1)


def test_frame_n_of_a_copy_is_frame_n(video: Planned) -> None:
    for clip in video.clips:
        if not clip.can_copy:
            continue
        index, samples = copy_of(video, clip)
        frames = list(decode_clip(index, io.BytesIO(samples)))
        assert [number for number, _ in frames] == list(range(clip.first, clip.last + 1))
        assert [number_in(image) for _, image in frames] == [number for number, _ in frames]


def test_frame_n_rendered_is_frame_n(video: Planned) -> None:
    for clip in video.clips:
        wanted = [clip.first, clip.first + 5, clip.last]
        assert rendered(video, clip, wanted) == wanted


def test_only_h264_for_every_browser_is_copied(video: Planned) -> None:
    copied = {"h264.mp4", "h264-bframes.mp4", "h264.mov", "h264-one-gop.mp4", "h264-vfr.mp4"}
    copied |= {"h264-open-gop.mp4"}
    assert video.clips[0].can_copy == (video.path.name in copied)


def test_a_variable_rate_keeps_its_times(tmp_path: Path) -> None:
    found = planned(write_video(tmp_path / "vfr.mp4", 5, pts=[0, 40, 41, 200, 300]))
    numerator, denominator = found.head["time_base"]
    times = [round(1000 * pts * numerator / denominator) for pts in found.clips[0].pts]
    assert times == [0, 40, 41, 200, 300]


@pytest.mark.parametrize("rotation", [90, 180, 270])
@pytest.mark.parametrize("name", ["r.mp4", "r.mov"])
def test_a_rotated_video_is_shown_upright(tmp_path: Path, name: str, rotation: int) -> None:
    codec: dict[str, Any] = {"codec": "mpeg4"} if name == "r.mov" else {}
    found = planned(write_video(tmp_path / name, 8, rotation=rotation, **codec))
    shown = (224, 96) if rotation == 180 else (96, 224)
    assert (found.head["width"], found.head["height"]) == shown
    clip = found.clips[0]
    renditions = [proxy_of(found, clip), *([copy_of(found, clip)] if clip.can_copy else [])]
    for index, samples in renditions:
        for number, image in decode_clip(index, io.BytesIO(samples)):
            assert image.shape == (shown[1], shown[0], 3)
            # The display matrix turns counter-clockwise; turning back gives what was written.
            assert number_in(np.rot90(image, -rotation // 90)) == number


def test_frames_that_a_header_claims_and_a_file_lacks_are_not_counted(tmp_path: Path) -> None:
    whole = write_video(tmp_path / "long.avi", 200, codec="mpeg4")
    found = planned(truncated(whole, 0.4), frames_per_clip=1800)
    assert 40 < found.frame_count < 120
    index, samples = proxy_of(found, found.clips[0])
    assert [number_in(image) for _, image in decode_clip(index, io.BytesIO(samples))] == list(range(found.frame_count))


def test_a_truncated_mp4_with_its_header_in_front_shows_what_is_there(tmp_path: Path) -> None:
    whole = write_video(tmp_path / "a.mp4", 200)
    front = tmp_path / "front.mp4"
    _move_header_to_front(whole, front)
    found = planned(truncated(front, 0.5), frames_per_clip=1800)
    assert 50 < found.frame_count < 150
    index, samples = copy_of(found, found.clips[0])
    assert [number_in(image) for _, image in decode_clip(index, io.BytesIO(samples))] == list(range(found.frame_count))


def _move_header_to_front(source: Path, target: Path) -> None:
    import av  # noqa: PLC0415

    with av.open(str(source)) as given, av.open(str(target), "w", options={"movflags": "faststart"}) as made:
        stream = made.add_stream_from_template(given.streams.video[0])
        for packet in given.demux(given.streams.video[0]):
            if packet.size:
                packet.stream = stream
                made.mux(packet)


def test_one_frame_is_a_video(tmp_path: Path) -> None:
    found = planned(write_video(tmp_path / "one.mp4", 1))
    assert (found.frame_count, len(found.clips)) == (1, 1)


@pytest.mark.parametrize("name", ["a.mp4", "a.avi", "a.wmv"])
@pytest.mark.parametrize("content", [b"", b"hello\n" * 1000, b"\0" * 5000])
def test_a_file_that_is_no_video_is_refused_with_a_code(tmp_path: Path, name: str, content: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(Undecodable) as refused:
        planned(path)
    assert refused.value.code in ("not_a_readable_video", "no_decodable_frame", "no_video_stream")


def test_a_video_without_frames_is_refused_with_a_code(tmp_path: Path) -> None:
    whole = write_video(tmp_path / "a.avi", 30, codec="mpeg4")
    with pytest.raises(Undecodable) as refused:
        planned(truncated(whole, 0.02))
    assert refused.value.code in ("no_decodable_frame", "not_a_readable_video")


def test_damaged_samples_repeat_frames_and_shift_nothing(tmp_path: Path) -> None:
    path = write_video(tmp_path / "damaged.mp4", 60, gop=10)
    before = planned(path, 1800).clips[0]
    content = bytearray(path.read_bytes())
    for sample in [sample for gop in before.gops for sample in gop.samples][25:30]:
        content[sample.position + 5 : sample.position + sample.size] = bytes(sample.size - 5)
    path.write_bytes(content)
    found = planned(path, 1800)
    index, samples = proxy_of(found, found.clips[0])
    numbers = [number_in(image) for _, image in decode_clip(index, io.BytesIO(samples))]
    assert len(numbers) == found.frame_count
    assert numbers[:25] == list(range(25))
    assert numbers[-30:] == list(range(30, 60))


@pytest.mark.parametrize(("orientation", "turns"), [(1, 0), (3, 2), (6, 1), (8, 3)])
def test_a_still_is_upright(tmp_path: Path, orientation: int, turns: int) -> None:
    path = write_image(tmp_path / "a.jpg", 77, orientation=orientation)
    (head, body), (_, thumbnail) = map(with_body, still_and_thumbnail(io.BytesIO(path.read_bytes())))
    image = decoded(body)
    assert image.shape[:2] == (head["height"], head["width"])
    assert number_in(np.rot90(image, turns)) == 77
    assert decoded(thumbnail).shape[1] <= 320


@pytest.mark.parametrize("name", ["a.jpg", "a.png"])
def test_a_cut_off_image_is_refused(tmp_path: Path, name: str) -> None:
    path = truncated(write_image(tmp_path / name, size=(640, 480)), 0.5)
    with pytest.raises(Undecodable) as refused:
        list(still_and_thumbnail(io.BytesIO(path.read_bytes())))
    assert refused.value.code == "image_truncated"
