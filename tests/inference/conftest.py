"""Real models and real clips for the tests of inference."""

import base64
import io
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pytest
from hypothesis import settings
from skimage import data

import inference
from common.contract.clips import ClipIndex, Segment
from inference.models.detector import Detector
from inference.models.registry import ModelRegistry
from tests.inference.stroll import film_stroll

# A slow example on a busy machine is no failure.
settings.register_profile("inference", deadline=None)
settings.load_profile("inference")

Film = Callable[..., tuple[ClipIndex, bytes]]
Stroll = Callable[..., list[np.ndarray]]


@pytest.fixture(scope="session")
def registry() -> ModelRegistry:
    """The models that inference brings."""
    return ModelRegistry(Path(inference.__file__).parent / "models")


@pytest.fixture(scope="session")
def detector(registry: ModelRegistry) -> Detector:
    """NanoDet, loaded."""
    return registry.detector("nanodet-g-416")


@pytest.fixture(scope="session")
def film() -> Film:
    """A function that encodes a clip as the frames service does."""
    return make_clip


@pytest.fixture(scope="session")
def walk() -> list[np.ndarray]:
    """A person (scikit-image's astronaut, public domain) who moves from left to right over grey, 640 x 360."""
    person = cv2.resize(np.ascontiguousarray(data.astronaut()[:, :, ::-1]), (300, 300), interpolation=cv2.INTER_AREA)
    frames = []
    for step in range(24):
        frame = np.full((360, 640, 3), 110, np.uint8)
        frame[50:350, 20 + 10 * step : 320 + 10 * step] = person
        frames.append(frame)
    return frames


@pytest.fixture(scope="session")
def stroll() -> Stroll:
    """A function that films a person before a wall."""
    return film_stroll


def make_clip(
    frames: Sequence[np.ndarray], first: int = 0, group: int = 12, media_id: str = "m1"
) -> tuple[ClipIndex, bytes]:
    """Frames (BGR) as H.264 samples and their index."""
    packets, description = _encode(frames, group)
    sizes = [packet.size for packet in packets]
    starts = [at for at, packet in enumerate(packets) if packet.is_keyframe]
    ends = [*starts[1:], len(packets)]
    ticks = sorted(packet.pts or 0 for packet in packets)
    number = {tick: first + at for at, tick in enumerate(ticks)}
    height, width = frames[0].shape[:2]
    index = ClipIndex(
        media_id=media_id,
        clip=0,
        rendition="proxy",
        codec="avc1.42c01f",
        description=base64.b64encode(description).decode(),
        width=width,
        height=height,
        first=first,
        count=len(frames),
        segments=[
            Segment(first=first + a, count=b - a, offset=sum(sizes[:a]), size=sum(sizes[a:b]), sample=a)
            for a, b in zip(starts, ends, strict=True)
        ],
        sample_size=sizes,
        sample_frame=[number[packet.pts or 0] for packet in packets],
        time_base=(1, 25),
        pts=list(range(len(frames))),
    )
    return index, b"".join(bytes(packet) for packet in packets)


def _encode(frames: Sequence[np.ndarray], group: int) -> tuple[list["av.Packet[Any]"], bytes]:
    file = io.BytesIO()
    with av.open(file, "w", format="mp4") as movie:
        stream = movie.add_stream("libx264", rate=25, options={"preset": "veryfast", "bf": "0", "g": str(group)})
        stream.height, stream.width = frames[0].shape[:2]
        stream.pix_fmt = "yuv420p"
        for frame in frames:
            movie.mux(stream.encode(av.VideoFrame.from_ndarray(np.ascontiguousarray(frame), format="bgr24")))
        movie.mux(stream.encode())
    file.seek(0)
    with av.open(file, "r") as recorded:
        packets = [packet for packet in recorded.demux(video=0) if packet.size]
        return packets, bytes(recorded.streams.video[0].codec_context.extradata or b"")
