"""Frames per second cut into a clip (S3 → sandbox → proxy → S3) ÷ the same decoding and encoding with PyAV alone.

Also frames per second copied without encoding.
"""

import asyncio
import tempfile
import time
from fractions import Fraction
from pathlib import Path

import av

from bench.report import Report, run
from common.contract.events import Event, MediaStored
from common.contract.media import Conditions
from common.messaging.bus import SerializedEvent
from common.storage.mongo import database
from common.storage.objects import Objects, source_key
from deploy.local.servers import embedded_servers
from frames.clips.events import copy_job, proxy_job
from frames.clips.repository import ClipRepository
from frames.clips.service import ClipService
from frames.domain.media import MediaRecord
from frames.settings import FramesSettings
from frames.transcoder import Transcoder
from tests.media import write_video

FRAMES = 400
GOAL = 0.8
SIZE = (1280, 720)


def plain(path: Path, settings: FramesSettings) -> float:
    """Frames per second of PyAV alone in this process, without output."""
    started = time.perf_counter()
    gop = settings.proxy_gop
    with av.open(str(path)) as source:
        stream = source.streams.video[0]
        stream.codec_context.thread_count = settings.decoder_threads
        stream.thread_type = "AUTO"
        encoder = av.CodecContext.create("libx264", "w")
        encoder.width, encoder.height, encoder.pix_fmt = *SIZE, "yuv420p"
        encoder.time_base = Fraction(1, 25)
        encoder.thread_count = settings.decoder_threads
        encoder.options = {
            "preset": settings.proxy_preset,
            "tune": "fastdecode",
            "crf": str(settings.proxy_crf),
            "x264-params": f"keyint={gop}:min-keyint={gop}:scenecut=0:bframes=0",
        }
        for number, frame in enumerate(source.decode(stream)):
            frame.pts, frame.time_base = number, Fraction(1, 25)
            frame.pict_type = av.video.frame.PictureType.NONE
            encoder.encode(frame)
        encoder.encode(None)
    return FRAMES / (time.perf_counter() - started)


async def cut(path: Path, home: Path, settings: FramesSettings) -> tuple[float, float]:
    """Frames per second encoded and copied by the service, with its own servers."""
    async with embedded_servers(home) as servers:
        connected = settings.model_copy(update=servers.settings("frames"))
        objects = Objects(connected.s3_url)
        repository, transcoder = ClipRepository(database(connected), objects), Transcoder(objects, connected)
        record = await planned(path, objects, repository, transcoder)
        clips = ClipService(repository, transcoder, NullPublisher())
        started = time.perf_counter()
        await clips.encode(proxy_job(record, 0))
        encoded = FRAMES / (time.perf_counter() - started)
        started = time.perf_counter()
        await clips.copy(copy_job(record, 0))
        copied = FRAMES / (time.perf_counter() - started)
        await objects.close()
    return encoded, copied


class NullPublisher:
    """A publisher that drops events."""

    async def publish(self, *events: Event | SerializedEvent) -> None:
        """Drop the events."""


async def planned(path: Path, objects: Objects, clips: ClipRepository, transcoder: Transcoder) -> MediaRecord:
    """The video in S3, with the plan of its only clip."""
    content = await asyncio.to_thread(path.read_bytes)
    key = source_key("bench", "video")
    await objects.put(key, content)
    stored = MediaStored(
        project_id="bench",
        media_id="video",
        kind="video",
        name=path.name,
        object_key=key,
        content_type="video/mp4",
        size_bytes=len(content),
        conditions=Conditions(weather="Unknown", lighting="Unknown", fov="Unknown"),
        author="bench",
    )
    record = await clips.add(stored)
    async with transcoder.plan(record) as messages:
        async for message in messages:
            if message.head["kind"] == "video":
                await clips.describe("video", message.head)
            elif message.head["kind"] == "clip":
                await clips.put_plan("video", message.head, bytes(message.body))
    described = await clips.find("video")
    assert described is not None
    return described


def main(report: Report) -> None:
    """Measure PyAV alone and the service in turns."""
    settings = FramesSettings()
    with tempfile.TemporaryDirectory() as home:
        path = write_video(Path(home) / "bench.mp4", FRAMES, size=SIZE, gop=250, bframes=2)
        raw = plain(path, settings)
        encoded, copied = asyncio.run(cut(path, Path(home), settings))
        # Before and after, because the load of the machine varies.
        raw = (raw + plain(path, settings)) / 2
    report.add("decode and encode, PyAV alone", raw, "frames/s")
    report.add("a clip encoded into a proxy", encoded, "frames/s")
    report.add("a clip copied without encoding", copied, "frames/s")
    report.add("a clip encoded, of PyAV alone", encoded / raw, "ratio", at_least=GOAL)


if __name__ == "__main__":
    run(main)
