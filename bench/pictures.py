"""An export with its pictures, MB a second ÷ what S3 gives when the same bytes are only read.

    python -m bench.pictures

600 images of half a megabyte, and four videos of 64 MB as they were uploaded, from a real S3 server: read by as many
threads as an export has and thrown away; exported as COCO with the archive thrown away, which is what pictures cost
beside reading them; exported into the same S3, where the server has to take every byte as well. The rounds take turns,
and the best of each counts. Goal: 0.8.

S3 is on other machines where it matters: the server has half of the processors to itself, and the export the others.
"""

import asyncio
import os
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import cast

from bench.export import CONDITIONS, MISSION, Nowhere
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
    """Read all files in pieces as an export does, several at a time."""
    pieces = [
        (source_key("p", one.id), begin, min(CHUNK, one.size_bytes - begin))
        for one in media
        for begin in range(0, one.size_bytes, CHUNK)
    ]
    with ThreadPoolExecutor(READERS) as readers:
        for _ in readers.map(lambda piece: objects.read_range(*piece), pieces):
            pass


async def export(objects: Objects, media: list[ExportMedium], archives: Archives) -> None:
    """Write an archive of the media as the service does."""
    pictures = ImageStreams("p", cast("AskClient", None), objects)
    originals = pictures.originals if media[0].kind == "video" else None
    dataset = Dataset(media, [MISSION], Selection(), LossReport(), lambda: iter(()), pictures.of, originals)
    entries = FORMATS["COCO 1.0"].entries(dataset)
    try:
        await asyncio.to_thread(archives.write, KEY, zipped(entries))
    finally:
        pictures.close()


async def mb_a_second(size_bytes: int, run: Callable[[], object]) -> float:
    began = time.perf_counter()
    done = run()
    if asyncio.iscoroutine(done):
        await done
    return size_bytes / 1e6 / (time.perf_counter() - began)


async def measure(objects: Objects, kind: Kind, count: int, size_bytes: int) -> None:
    """Print the ratios of some files."""
    media = lay_out(medium(number, kind, size_bytes) for number in range(count))
    content = os.urandom(size_bytes)
    for one in media:
        await objects.put(source_key("p", one.id), content)
    nowhere = Archives(cast("Objects", Nowhere()))
    best = [0.0, 0.0, 0.0]
    for _ in range(ROUNDS):
        for place, run in enumerate(
            (
                lambda: asyncio.to_thread(read_only, objects, media),
                lambda: export(objects, media, nowhere),
                lambda: export(objects, media, Archives(objects)),
            )
        ):
            best[place] = max(best[place], await mb_a_second(count * size_bytes, run))
    raw, read, stored = best
    print(f"{count} {kind}s of {size_bytes / 1e6:.1f} MB: S3 gives {raw:.0f} MB/s")
    print(f"  exported, and thrown away  {read:4.0f} MB/s  ratio {read / raw:.2f} of {GOAL}")
    print(f"  exported into the same S3  {stored:4.0f} MB/s  ratio {stored / raw:.2f}")


async def main() -> None:
    """Measure images and videos."""
    processors = sorted(os.sched_getaffinity(0))
    half = len(processors) // 2
    # What is started now keeps these.
    os.sched_setaffinity(0, processors[:half] or processors)
    with tempfile.TemporaryDirectory() as home:
        async with embedded_servers(Path(home)) as servers:
            os.sched_setaffinity(0, processors[half:])
            objects = Objects(servers.s3.url)
            await measure(objects, "image", IMAGES, IMAGE_BYTES)
            await measure(objects, "video", VIDEOS, VIDEO_BYTES)


if __name__ == "__main__":
    asyncio.run(main())
