"""CPU and memory of an export without pictures: snapshot → interpolation → format → zip → upload.

    python -m bench.export [--times N] [--format "COCO 1.0"]

360,000 boxes: 10 videos of 1,800 frames with 20 tracks each and a keyframe on every tenth frame; `--times 10` is ten
times as many videos. The snapshot lies packed in a file and the archive's parts go nowhere,
so that what is measured is this service's own work. The ratio is the share that is left of the raw speed: of
parsing the same snapshot, serialising the same files and packing them, without anything between. Goals: COCO
≤ 4 CPU s, ≤ 150 MB, and as much memory for ten times the boxes.
"""

import argparse
import gzip
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
import zlib
from collections.abc import Iterator
from functools import partial
from threading import Event
from typing import IO

import orjson

from common.media import Conditions
from common.missions import Category, Mission
from export.domain.archive import zipped
from export.domain.dataset import Dataset
from export.domain.formats import FORMATS
from export.domain.media import ExportMedium, lay_out
from export.domain.report import Report
from export.domain.selection import Selection
from export.domain.snapshot import lines, unpacked
from export.store.archives import Archives

VIDEOS, FRAMES, TRACKS, KEY_EVERY = 10, 1800, 20, 10
CONDITIONS = Conditions(weather="Sunny", lighting="Day", fov="40–60")
MISSION = Mission(id="m", name="Detection", categories=[Category(name="Car", color="#ff0000")])


class Nowhere:
    """Takes the parts of an upload and forgets them."""

    def begin_multipart(self, key: str, content_type: str) -> str:  # noqa: ARG002
        return key

    def put_part(self, key: str, upload: str, number: int, content: bytes) -> int:  # noqa: ARG002
        return number

    def finish_multipart(self, key: str, upload: str, parts: list[int]) -> None: ...

    def put_now(self, key: str, content: bytes, content_type: str) -> None: ...


def media(videos: int) -> list[ExportMedium]:
    """The videos."""
    return lay_out(
        ExportMedium(
            id=f"v{number:04d}",
            project_id="p",
            name=f"video {number:04d}.mp4",
            kind="video",
            content_type="video/mp4",
            size_bytes=1_000_000,
            sha256=None,
            conditions=CONDITIONS,
            width=1920,
            height=1080,
            fps=30.0,
            frame_count=FRAMES,
            path="",
            folder="",
        )
        for number in range(videos)
    )


def snapshot(videos: int) -> Iterator[bytes]:
    """The lines of the snapshot: `ObjectState`s as JSON."""
    dice = random.Random(1)
    for video in range(videos):
        for track in range(TRACKS):
            keyframes = [keyframe(frame, dice) for frame in range(0, FRAMES, KEY_EVERY)]
            state = {
                "id": f"v{video:04d}t{track:02d}",
                "project_id": "p",
                "media_id": f"v{video:04d}",
                "mission": "m",
                "category": "Car",
                "type": None,
                "attributes": {"Occlusion": "None"},
                "annotation_type": "bbox",
                "keyframes": keyframes,
                "source": "model",
                "run_id": "r",
                "score": 0.87,
                "done": False,
                "deleted": False,
                "revision": 1,
                "author": "u",
            }
            yield json.dumps(state, separators=(",", ":")).encode() + b"\n"


def keyframe(frame: int, dice: random.Random) -> dict[str, object]:
    """A keyframe somewhere."""
    x, y = dice.uniform(0, 1800), dice.uniform(0, 1000)
    box = {"kind": "bbox", "x1": x, "y1": y, "x2": x + 100.5, "y2": y + 60.25, "rotation": 0.0}
    return {
        "frame": frame,
        "geometry": box,
        "outside": False,
        "occluded": False,
        "source": "model",
        "score": round(dice.random(), 4),
    }


def measure(name: str, times: int) -> None:
    """Write one archive and print what it took; run in a process of its own."""
    with tempfile.TemporaryFile() as packed:
        with gzip.GzipFile(fileobj=packed, mode="wb", compresslevel=1) as lines_of_labels:
            lines_of_labels.writelines(snapshot(VIDEOS * times))
        measure_reading(name, times, packed)


def measure_reading(name: str, times: int, packed: IO[bytes]) -> None:
    """The same, with the packed snapshot in a file."""

    def read() -> Iterator[bytes]:
        packed.seek(0)
        return lines(unpacked(iter(partial(packed.read, 512 * 1024), b"")))

    dataset = Dataset(media(VIDEOS * times), [MISSION], Selection(), Report(), read)
    before = time.process_time(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    written = Archives(Nowhere()).write("x", zipped(FORMATS[name].write(dataset)), Event())  # type: ignore[arg-type]
    cpu_s = time.process_time() - before[0]
    peak_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    raw_s = raw_cpu_s(list(read()), dataset, name) if times == 1 else 0.0
    boxes = VIDEOS * times * FRAMES * TRACKS
    print(
        f"{name:14} {boxes:>9,} boxes  {cpu_s:6.2f} CPU s  peak {peak_kb / 1024:4.0f} MB "
        f"({before[1] / 1024:.0f} before it began)  archive {written.size_bytes / 1e6:.1f} MB"
        + (f"  ratio {raw_s / cpu_s:.2f}" if raw_s else "")
    )


def raw_cpu_s(snapshot_lines: list[bytes], dataset: Dataset, name: str) -> float:
    """The CPU seconds that no writer of this archive can save: parse the snapshot, serialise and pack the files."""
    files = [orjson.loads(b"".join(entry.chunks)) for entry in FORMATS[name].write(dataset)]
    before = time.process_time()
    for line in snapshot_lines:
        orjson.loads(line)
    for file in files:
        zlib.compress(orjson.dumps(file), 1)
    return time.process_time() - before


def main() -> None:
    """Measure every format, or what the arguments say."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--times", type=int, default=1)
    arguments.add_argument("--format", choices=sorted(FORMATS))
    arguments.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    chosen = arguments.parse_args()
    if chosen.here:
        measure(chosen.format, chosen.times)
        return
    for name in [chosen.format] if chosen.format else FORMATS:
        # Memory is the peak of a process: each measurement has its own.
        again = ["--here", "--format", name, "--times", str(chosen.times)]
        subprocess.run([sys.executable, "-m", "bench.export", *again], check=True)


if __name__ == "__main__":
    main()
