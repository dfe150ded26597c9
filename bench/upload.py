"""Waiting time after an upload: seconds to a complete medium, and to the first clip of a 30-minute video.

`python -m bench.upload` renders its own videos: 795 frames of 768×576 in MPEG-4, which must be encoded, and 30 minutes
of 720p in H.264, whose first clip is copied.
"""

import asyncio
import sys
import tempfile
import time
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np

from bench.report import Report, run
from tests.person import Person, signed_in
from tests.stack import running_stack

PATTERNS = 50


def render(path: Path, codec: str, size: tuple[int, int], frames: int, rate: int, options: dict[str, str]) -> None:
    """A video with a scrolling, noisy background."""
    width, height = size
    dice = np.random.default_rng(1)
    small = dice.integers(0, 255, (height // 8 + 1, width // 8 + 1, 3), dtype=np.uint8)
    background = np.kron(small, np.ones((8, 8, 1), np.uint8))[:height, :width]
    patterns = [
        av.VideoFrame.from_ndarray(np.roll(background, 4 * step, axis=1), format="rgb24").reformat(format="yuv420p")
        for step in range(PATTERNS)
    ]
    with av.open(path, "w") as output:
        stream: Any = output.add_stream(codec, rate=rate, options=options)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        for number in range(frames):
            frame = patterns[number % PATTERNS]
            frame.pts, frame.time_base = number, Fraction(1, rate)
            output.mux(stream.encode(frame))
        output.mux(stream.encode())


async def send(person: Person, project: str, path: Path) -> tuple[str, float, float]:
    """Upload a video; returns the medium and the times of the first and the last byte."""
    began = time.perf_counter()
    content = await asyncio.to_thread(path.read_bytes)
    upload = await person.start_upload(project, path.name, len(content))
    size = upload["part_size_bytes"]
    for number, start in enumerate(range(0, len(content), size), 1):
        await person.ask("PUT", f"/uploads/{upload['id']}/parts/{number}", content=content[start : start + size])
    ended = time.perf_counter()
    return str((await person.ask("POST", f"/uploads/{upload['id']}/complete"))["id"]), began, ended


def has_a_clip(medium: dict[str, Any]) -> bool:
    return any(clip["state"] == "ready" for clip in medium["clips"])


async def main(report: Report) -> None:
    """Upload both videos and wait."""
    with tempfile.TemporaryDirectory() as folder:
        short, long = Path(folder) / "short.avi", Path(folder) / "long.mp4"
        print("rendering the videos …", file=sys.stderr)
        await asyncio.to_thread(render, short, "mpeg4", (768, 576), 795, 10, {"b": "4000000"})
        quick = {"preset": "ultrafast", "g": "250", "crf": "30"}
        await asyncio.to_thread(render, long, "libx264", (1280, 720), 30 * 60 * 30, 30, quick)
        async with running_stack(Path(folder) / "home") as stack, signed_in(stack) as ada:
            project = await ada.project()
            medium, began, _ = await send(ada, project, short)
            await ada.until_processed(medium)
            whole = time.perf_counter() - began
            size_mb = (await asyncio.to_thread(long.stat)).st_size / 1e6
            medium, _, ended = await send(ada, project, long)
            await ada.until(f"/media/{medium}", has_a_clip, 120)
            first = time.perf_counter() - ended
    report.add("795 frames of 768x576 MPEG-4, upload to ready", whole, "s")
    report.add(f"30 min of 720p H.264 ({size_mb:.0f} MB), sent to first clip", first, "s")


if __name__ == "__main__":
    run(main)
