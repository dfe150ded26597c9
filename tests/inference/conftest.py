"""Real models and real clips for the tests of inference."""

import base64
import io
from collections.abc import Callable, Sequence
from pathlib import Path

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

# On a machine that others use too, a slow example is no failure.
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
    """A function that makes a clip as frames would cut it."""
    return make_clip


@pytest.fixture(scope="session")
def walk() -> list[np.ndarray]:
    """A person (scikit-image's astronaut, public domain) who moves from left to right over grey, 640 x 360."""
    person = cv2.resize(np.ascontiguousarray(data.astronaut()[:, :, ::-1]), (300, 300), interpolation=cv2.INTER_AREA)
    pictures = []
    for step in range(24):
        picture = np.full((360, 640, 3), 110, np.uint8)
        picture[50:350, 20 + 10 * step : 320 + 10 * step] = person
        pictures.append(picture)
    return pictures


@pytest.fixture(scope="session")
def stroll() -> Stroll:
    """A function that films a person before a wall."""
    return film_stroll


def make_clip(
    pictures: Sequence[np.ndarray], first: int = 0, group: int = 12, media_id: str = "m1"
) -> tuple[ClipIndex, bytes]:
    """The pictures (BGR) as H.264 samples and their index."""
    packets, description = _encode(pictures, group)
    sizes = [packet.size for packet in packets]
    starts = [at for at, packet in enumerate(packets) if packet.is_keyframe]
    ends = [*starts[1:], len(packets)]
    ticks = sorted(packet.pts for packet in packets)
    number = {tick: first + at for at, tick in enumerate(ticks)}
    height, width = pictures[0].shape[:2]
    index = ClipIndex(
        media_id=media_id,
        clip=0,
        rendition="proxy",
        codec="avc1.42c01f",
        description=base64.b64encode(description).decode(),
        width=width,
        height=height,
        first=first,
        count=len(pictures),
        segments=[
            Segment(first=first + a, count=b - a, offset=sum(sizes[:a]), size=sum(sizes[a:b]), sample=a)
            for a, b in zip(starts, ends, strict=True)
        ],
        sample_size=sizes,
        sample_frame=[number[packet.pts] for packet in packets],
        time_base=(1, 25),
        pts=list(range(len(pictures))),
    )
    return index, b"".join(bytes(packet) for packet in packets)


def _encode(pictures: Sequence[np.ndarray], group: int) -> tuple[list[av.Packet], bytes]:
    file = io.BytesIO()
    with av.open(file, "w", format="mp4") as movie:
        stream = movie.add_stream("libx264", rate=25, options={"preset": "veryfast", "bf": "0", "g": str(group)})
        stream.height, stream.width = pictures[0].shape[:2]
        stream.pix_fmt = "yuv420p"
        for picture in pictures:
            movie.mux(stream.encode(av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="bgr24")))
        movie.mux(stream.encode())
    file.seek(0)
    with av.open(file) as movie:
        packets = [packet for packet in movie.demux(video=0) if packet.size]
        return packets, bytes(movie.streams.video[0].codec_context.extradata)
