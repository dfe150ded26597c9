"""Frames per second from a clip's samples to suggestions, compared with ONNX Runtime alone on the same decoded frames.

`python -m bench.detector [--frames N] [--rounds N]` creates a 720p clip of moving people and cats. The ratio is the
share of the detector's raw speed that remains with sandboxed decoding, scaling, normalization, box decoding, tracking
and keyframe reduction. Both use one thread for the model.
"""

import argparse
import base64
import io
import statistics
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
from skimage import data

import inference
from bench.report import Report, run
from common.contract.clips import ClipIndex, Segment
from common.sandbox.parent import BytesFile
from common.sandbox.parent import run as run_sandboxed
from inference.clips.repository import DecodedFrame
from inference.domain.clip_task import ClipTask
from inference.domain.letterbox import Letterbox
from inference.domain.suggestions import suggest
from inference.domain.tracker import tracking_for
from inference.models.detector import Detector
from inference.models.registry import ModelRegistry
from inference.tracking.detection import detect_and_track

GOAL = 0.7
WIDTH, HEIGHT = 1280, 720
MODEL = "nanodet-g-416"


def images(count: int) -> list[np.ndarray]:
    """Photographs of a person and a cat that move across the image at different speeds."""
    subjects = [
        cv2.resize(np.ascontiguousarray(photo[:, :, ::-1]), (300, 300), interpolation=cv2.INTER_AREA)
        for photo in (data.astronaut(), data.chelsea(), data.astronaut())
    ]
    frames = []
    for frame in range(count):
        image = np.full((HEIGHT, WIDTH, 3), 110, np.uint8)
        for lane, subject in enumerate(subjects):
            left = abs((4 + lane) * frame * 2 % (2 * (WIDTH - 300)) - (WIDTH - 300))
            image[20 + 200 * lane : 320 + 200 * lane, left : left + 300] = subject[: HEIGHT - 20 - 200 * lane]
        frames.append(image)
    return frames


def clip_of(frames: list[np.ndarray]) -> tuple[ClipIndex, bytes]:
    """The frames as H.264 samples and their index."""
    file = io.BytesIO()
    with av.open(file, "w", format="mp4") as movie:
        stream: Any = movie.add_stream("libx264", rate=30, options={"preset": "veryfast", "bf": "0", "g": "30"})
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        for frame in frames:
            movie.mux(stream.encode(av.VideoFrame.from_ndarray(frame, format="bgr24")))
        movie.mux(stream.encode())
    file.seek(0)
    with av.open(file, "r") as movie:
        samples = [bytes(packet) for packet in movie.demux(video=0) if packet.size]
        description = base64.b64encode(bytes(movie.streams.video[0].codec_context.extradata or b"")).decode()
    count = len(samples)
    content = b"".join(samples)
    index = ClipIndex(
        media_id="bench",
        clip=0,
        rendition="proxy",
        codec="avc1",
        description=description,
        width=WIDTH,
        height=HEIGHT,
        first=0,
        count=count,
        segments=[Segment(first=0, count=count, offset=0, size=len(content), sample=0)],
        sample_size=[len(sample) for sample in samples],
        sample_frame=list(range(count)),
        time_base=(1, 30),
        pts=list(range(count)),
    )
    return index, content


async def decoded(index: ClipIndex, content: bytes, box: Letterbox) -> AsyncIterator[DecodedFrame]:
    """The decoded frames in the form that the service gets."""
    arguments = {"index": index.model_dump(mode="json"), "size_wh": list(box.image_wh)}
    async with run_sandboxed(
        "inference.clips.decoding:scaled_frames", arguments, {"samples": BytesFile(content)}
    ) as messages:
        async for message in messages:
            bgr = np.frombuffer(message.body, np.uint8).reshape(*box.image_wh[::-1], 3)
            yield DecodedFrame(message.head["frame"], bgr)


async def labeled_fps(detector: Detector, index: ClipIndex, content: bytes, box: Letterbox) -> float:
    """Frames per second of the whole pipeline, including the start of the sandbox."""

    async def keep_going(_: int) -> bool:
        return True

    started = time.perf_counter()
    tracking = tracking_for(detector.manifest.threshold, index.count)
    tracks = await detect_and_track(detector, box, tracking, decoded(index, content, box), keep_going)
    clip = ClipTask("p", "r", "m", 0, 0, index.count - 1, ends_medium=True)
    suggestions = suggest(clip, MODEL, detector.manifest.labels, tracks or [])
    assert suggestions.tracks
    return index.count / (time.perf_counter() - started)


def raw_fps(detector: Detector, frames: list[DecodedFrame], box: Letterbox) -> float:
    """Frames per second of ONNX Runtime, without preparing tensors."""
    seconds = 0.0
    for frame in frames:
        tensor = detector.prepared(frame.bgr, box)
        started = time.perf_counter()
        detector.run(tensor)
        seconds += time.perf_counter() - started
    return len(frames) / seconds


async def main(report: Report, arguments: argparse.Namespace) -> None:
    """Measure in turns."""
    detector = ModelRegistry(Path(inference.__file__).parent / "models").detector(MODEL)
    box = detector.letterbox((WIDTH, HEIGHT))
    index, content = clip_of(images(arguments.frames))
    frames = [frame async for frame in decoded(index, content, box)]
    raw_fps(detector, frames[:10], box)
    rounds = [
        (await labeled_fps(detector, index, content, box), raw_fps(detector, frames, box))
        for _ in range(arguments.rounds)
    ]
    service, raw = (statistics.median(round_fps) for round_fps in zip(*rounds, strict=True))
    report.add(f"{MODEL}, ONNX Runtime alone", raw, "frames/s")
    report.add(f"{MODEL}, samples to suggestions", service, "frames/s")
    report.add(f"{MODEL}, of ONNX Runtime alone", service / raw, "ratio", at_least=GOAL)


def options() -> argparse.ArgumentParser:
    """The command line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--frames", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=3)
    return parser


if __name__ == "__main__":
    run(main, options())
