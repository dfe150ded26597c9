"""CPU and memory of an export without images: snapshot → interpolation → format → zip → upload.

    python -m bench.export [--format "COCO 1.0"] [--times 10] [--alone]

360,000 boxes: 10 videos of 1,800 frames with 20 tracks each and a keyframe on every tenth frame; `--times 10` means ten
times as many videos. The snapshot is a compressed file and the parts of the archive are dropped, so that only the work
of the service is measured, each format in a separate process. The ratio is the share of the raw speed: of parsing the
same snapshot, serializing the same JSON and compressing the same bytes. Formats that rasterize are measured with a
tenth of the videos.

Goals: the CPU seconds of `GOALS_CPU_S`; 150 MB for any format and any number of boxes. Then Datumaro, from PyPI in the
validators' environment, writes the same boxes in common formats: the time to write annotations that are already in
memory, and the time to create these from boxes (`--alone` skips Datumaro).
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
from pathlib import Path
from typing import IO, Any

import numpy as np
import orjson

from bench.report import Report, run
from common.contract.media import Conditions
from common.contract.missions import Category, Mission
from deploy.local.validators import ensure
from export.codecs.snapshot import lines, unpacked
from export.codecs.zip import zipped
from export.dataset.dataset import Dataset
from export.dataset.loss_report import LossReport
from export.dataset.media import ExportMedium, lay_out
from export.dataset.selection import Selection
from export.formats.registry import FORMATS
from export.storage.archives import Archives

VIDEOS, FRAMES, TRACKS, KEY_EVERY, WIDTH, HEIGHT = 10, 1800, 20, 10, 1920, 1080
GOALS_CPU_S = {"COCO 1.0": 4, "CVAT for video 1.1": 4, "PASCAL VOC 1.1": 6, "YOLO 1.1": 4, "MOT 1.1": 3, "KITTI 1.0": 4}
GOAL_MB = 150
# Formats that need this long for a tenth of the videos rasterize; the tenth is sufficient.
LONG_CPU_S = 3.0
DATUMARO = {"COCO 1.0": "coco_instances", "PASCAL VOC 1.1": "voc_detection", "YOLO 1.1": "yolo"}
WRITER = Path(__file__).with_name("validators") / "datumaro_boxes.py"
CONDITIONS = Conditions(weather="Sunny", lighting="Day", fov="40–60")
MISSION = Mission(id="m", name="Detection", categories=[Category(name="Car", color="#ff0000")])


class NullObjects:
    """Drops the parts of an upload."""

    def begin_multipart(self, key: str, content_type: str) -> str:  # noqa: ARG002
        return key

    def put_part(self, key: str, upload: str, number: int, content: bytes) -> int:  # noqa: ARG002
        return number

    def finish_multipart(self, key: str, upload: str, parts: list[int]) -> None: ...

    def put_sync(self, key: str, content: bytes, content_type: str) -> None: ...


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
            width=WIDTH,
            height=HEIGHT,
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
    """A keyframe at a random position."""
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


def dataset_of(videos: int, packed: IO[bytes]) -> Dataset:
    """A dataset of boxes on a number of videos, whose snapshot is written to `packed`."""
    with gzip.GzipFile(fileobj=packed, mode="wb", compresslevel=1) as lines_of_labels:
        lines_of_labels.writelines(snapshot(videos))

    def read() -> Iterator[bytes]:
        packed.seek(0)
        return lines(unpacked(iter(partial(packed.read, 512 * 1024), b"")))

    return Dataset(media(videos), [MISSION], Selection(), LossReport(), read)


def measure(name: str, videos: int) -> dict[str, Any]:
    """Time and memory of writing one archive, in a process whose peak memory is that of this archive."""
    with tempfile.TemporaryFile() as packed:
        dataset = dataset_of(videos, packed)
        before = time.process_time(), peak_mb()
        written = Archives(NullObjects()).write("x", zipped(FORMATS[name].entries(dataset)))  # type: ignore[arg-type]
        figures = {"cpu_s": time.process_time() - before[0], "peak_mb": peak_mb(), "before_mb": before[1]}
        raw_s = raw_cpu_s(dataset, name) if videos <= VIDEOS else None
    return figures | {"boxes": videos * FRAMES * TRACKS, "bytes": written.size_bytes, "raw_s": raw_s}


def peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def raw_cpu_s(dataset: Dataset, name: str) -> float:
    """The CPU seconds that any writer of this archive needs: parse the snapshot, serialize and compress the files."""
    raw_s = -time.process_time()
    for line in dataset._snapshot():  # noqa: SLF001
        orjson.loads(line)
    raw_s += time.process_time()
    for entry in FORMATS[name].entries(dataset):
        content = b"".join(entry.chunks)
        document = orjson.loads(content) if entry.name.endswith(".json") else None
        raw_s -= time.process_time()
        zlib.compress(content if document is None else orjson.dumps(document), 0 if entry.packed else 1)
        raw_s += time.process_time()
    return raw_s


def measured(name: str, videos: int) -> dict[str, Any]:
    """The results of `measure` in a separate process."""
    command = [sys.executable, "-m", "bench.export", "--here", str(videos), "--format", name]
    figures: dict[str, Any] = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
    return figures


def add(report: Report, name: str, times: int) -> None:
    """Measure a format and report its figures."""
    figures = measured(name, max(1, VIDEOS * times // 10)) if name not in GOALS_CPU_S else None
    if figures is None or figures["cpu_s"] < LONG_CPU_S * times:
        figures = measured(name, VIDEOS * times)
    goal_s = GOALS_CPU_S[name] * times if name in GOALS_CPU_S else None
    add_measured(report, name, figures, goal_s, GOAL_MB)
    if figures["raw_s"] is not None:
        report.add(f"{name}, of parsing, serialising and packing alone", figures["raw_s"] / figures["cpu_s"], "ratio")


def add_measured(
    report: Report, name: str, figures: dict[str, Any], goal_s: float | None, goal_mb: float | None
) -> None:
    """Report time, memory and size of an archive."""
    report.add(f"{name}, {figures['boxes']:,} boxes", figures["cpu_s"], "CPU s", at_most=goal_s)
    report.add(f"{name}, peak ({figures['before_mb']:.0f} before)", figures["peak_mb"], "MB", at_most=goal_mb)
    report.add(f"{name}, archive", figures["bytes"] / 1e6, "MB")


def add_datumaro(report: Report, names: list[str]) -> None:
    """Report the figures of Datumaro for the same boxes."""
    with tempfile.TemporaryDirectory() as folder:
        with tempfile.TemporaryFile() as packed:
            np.save(Path(folder) / "boxes.npy", boxes_xyxy(dataset_of(VIDEOS, packed)))
        for name in names:
            command = [str(ensure()), "-P", str(WRITER), folder, DATUMARO[name], str(WIDTH), str(HEIGHT)]
            output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
            figures = json.loads(output.splitlines()[-1])
            add_measured(report, f"Datumaro: {name}", figures, None, None)
            report.add(f"Datumaro: {name}, making its annotations", figures["making_s"], "CPU s")


def boxes_xyxy(dataset: Dataset) -> np.ndarray[Any, np.dtype[np.float64]]:
    """The boxes by video, frame and track."""
    shapes = [
        shape.geometry[:4]
        for labels in dataset.labels()
        for frame in labels.frames(2)
        for shape in sorted(frame.shapes, key=lambda shape: shape.object_index)
        if isinstance(shape.geometry, tuple)
    ]
    return np.array(shapes).reshape(-1, FRAMES, TRACKS, 4)


def main(report: Report, chosen: argparse.Namespace) -> None:
    """Measure every format with boxes, or the selected one."""
    with_boxes = [name for name, known in FORMATS.items() if "bbox" in known.capabilities.kinds]
    names = [chosen.format] if chosen.format else with_boxes
    for name in names:
        add(report, name, chosen.times)
    if chosen.times == 1 and not chosen.alone:
        add_datumaro(report, [name for name in names if name in DATUMARO])


def options() -> argparse.ArgumentParser:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--times", type=int, default=1)
    parser.add_argument("--format", choices=sorted(FORMATS))
    parser.add_argument("--alone", action="store_true", help="without Datumaro")
    return parser


if __name__ == "__main__":
    if sys.argv[1:2] == ["--here"]:
        print(json.dumps(measure(sys.argv[4], int(sys.argv[2]))))
    else:
        run(main, options())
