"""An export with images, MB per second ÷ the throughput of S3 when the same bytes are only read.

    python -m bench.images

600 images of half a megabyte, and four uploaded videos of 64 MB, from a real S3 server: only read, by as many threads
as an export uses; exported as COCO with the archive discarded; exported into the same S3, which also stores every byte.
Rounds alternate, and the best of each counts.

In production, S3 runs on other machines: here, the server uses half of the processors and the export the other half.
"""

import asyncio
import os
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import cast

from bench.export import CONDITIONS, MISSION, NullObjects
from bench.report import Report, run
from common.contract.media import Kind
from common.messaging.bus import AskClient
from common.storage.objects import Objects, source_key
from deploy.local.servers import embedded_servers
from export.codecs.zip import zipped
from export.dataset.dataset import Dataset
from export.dataset.loss_report import LossReport
from export.dataset.media import ExportMedium, lay_out
from export.dataset.selection import Selection
from export.formats.registry import FORMATS
from export.storage.archives import Archives
from export.storage.image_streams import ImageStreams

IMAGES, IMAGE_BYTES, VIDEOS, VIDEO_BYTES = 600, 512 * 1024, 4, 64 * 1024 * 1024
READERS, CHUNK, ROUNDS, GOAL = 4, 2 * 1024 * 1024, 4, 0.8
KEY = "archive.zip"


def medium(number: int, kind: Kind, size_bytes: int) -> ExportMedium:
    """An image or a video."""
    suffix, content_type = ("jpg", "image/jpeg") if kind == "image" else ("mp4", "video/mp4")
    return ExportMedium(
        id=f"{kind}{number:04d}",
        project_id="p",
        name=f"{kind} {number:04d}.{suffix}",
        kind=kind,
        content_type=content_type,
        size_bytes=size_bytes,
        sha256=None,
        conditions=CONDITIONS,
        width=1920,
        height=1080,
        fps=30.0,
        frame_count=1 if kind == "image" else 1800,
        path="",
        folder="",
    )


def read_only(objects: Objects, media: list[ExportMedium]) -> None:
    """Read all files in chunks like an export, several concurrently."""
    ranges = [
        (source_key("p", medium.id), begin, min(CHUNK, medium.size_bytes - begin))
        for medium in media
        for begin in range(0, medium.size_bytes, CHUNK)
    ]
    with ThreadPoolExecutor(READERS) as readers:
        for _ in readers.map(lambda byte_range: objects.read_range(*byte_range), ranges):
            pass


async def export(objects: Objects, media: list[ExportMedium], archives: Archives) -> None:
    """Write an archive of the media as the service does."""
    images = ImageStreams("p", cast("AskClient", None), objects)
    originals = images.originals if media[0].kind == "video" else None
    dataset = Dataset(media, [MISSION], Selection(), LossReport(), lambda: iter(()), images.of, originals)
    entries = FORMATS["COCO 1.0"].entries(dataset)
    try:
        await asyncio.to_thread(archives.write, KEY, zipped(entries))
    finally:
        images.close()


async def mb_a_second(size_bytes: int, work: Callable[[], object]) -> float:
    began = time.perf_counter()
    result = work()
    if asyncio.iscoroutine(result):
        await result
    return size_bytes / 1e6 / (time.perf_counter() - began)


async def measure(report: Report, objects: Objects, kind: Kind, count: int, size_bytes: int) -> None:
    """Report the throughput of some files."""
    media = lay_out(medium(number, kind, size_bytes) for number in range(count))
    content = os.urandom(size_bytes)
    for stored in media:
        await objects.put(source_key("p", stored.id), content)
    discarding = Archives(cast("Objects", NullObjects()))
    runs: dict[str, Callable[[], object]] = {
        "read only": lambda: asyncio.to_thread(read_only, objects, media),
        "exported and discarded": lambda: export(objects, media, discarding),
        "exported into the same S3": lambda: export(objects, media, Archives(objects)),
    }
    best = dict.fromkeys(runs, 0.0)
    for _ in range(ROUNDS):
        for name, run_once in runs.items():
            best[name] = max(best[name], await mb_a_second(count * size_bytes, run_once))
    files = f"{count} {kind}s of {size_bytes / 1e6:.1f} MB"
    for name, value in best.items():
        report.add(f"{files}, {name}", value, "MB/s")
    ratio = best["exported and discarded"] / best["read only"]
    report.add(f"{files}, exported of read only", ratio, "ratio", at_least=GOAL)


async def main(report: Report) -> None:
    """Measure images and videos."""
    processors = sorted(os.sched_getaffinity(0))
    half = len(processors) // 2
    # Servers started now keep this half of the processors.
    os.sched_setaffinity(0, processors[:half] or processors)
    with tempfile.TemporaryDirectory() as home:
        async with embedded_servers(Path(home)) as servers:
            os.sched_setaffinity(0, processors[half:])
            objects = Objects(servers.s3.url)
            await measure(report, objects, "image", IMAGES, IMAGE_BYTES)
            await measure(report, objects, "video", VIDEOS, VIDEO_BYTES)


if __name__ == "__main__":
    run(main)
