"""Decoding and encoding: each task runs the code in `video` in its own sandbox."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from typing import Any

from common.sandbox.parent import Limits, Message, ObjectFile, run
from common.storage.objects import Objects
from frames.domain.gops import ClipPlan
from frames.domain.images import ImageFormat
from frames.domain.media import MediaRecord, seek_points
from frames.settings import FramesSettings

Messages = AbstractAsyncContextManager[AsyncIterator[Message]]


class Transcoder:
    """Runs decoders and encoders within limits that grow with the size of the work."""

    def __init__(self, objects: Objects, settings: FramesSettings) -> None:
        self._objects = objects
        self._settings = settings

    def plan(self, record: MediaRecord) -> Messages:
        """See `planning.plan`."""
        arguments = {
            "content_type": record.content_type,
            "frames_per_clip": self._settings.frames_per_clip,
            "threads": self._settings.decoder_threads,
        }
        cpu_s = 120 + record.size_bytes // 20_000
        # A person waits for the first clip: reading further ahead would delay it.
        return self._run("frames.video.planning:plan", record, arguments, cpu_s=cpu_s, ahead=1)

    def encode(self, record: MediaRecord, plan: ClipPlan) -> Messages:
        """See `encoding.encode`."""
        start = plan.gop_of(plan.first).start
        arguments = {
            "content_type": record.content_type,
            "start": [start.number, start.time, start.position, start.size],
            "packets": [packet for packet, _ in plan.frames(plan.first, plan.last)],
            "gop": self._settings.proxy_gop,
            "crf": self._settings.proxy_crf,
            "preset": self._settings.proxy_preset,
            "threads": self._settings.decoder_threads,
        }
        return self._run("frames.video.encoding:encode", record, arguments, cpu_s=600 + 4 * plan.count, nice=10)

    def still(self, record: MediaRecord) -> Messages:
        """See `images.still_and_thumbnail`."""
        return self._run("frames.video.images:still_and_thumbnail", record, {}, cpu_s=120)

    def render(
        self,
        record: MediaRecord,
        plans: list[ClipPlan],
        frames: list[int],
        image_format: ImageFormat,
        width: int | None = None,
    ) -> Messages:
        """See `images.render_image` and `images.render_frames`; `frames` are sorted."""
        arguments: dict[str, Any] = {"image_format": image_format, "width": width}
        if record.kind == "image":
            return self._run("frames.video.images:render_image", record, arguments, cpu_s=120, nice=0)
        arguments |= {
            "content_type": record.content_type,
            "wanted": seek_points(plans, frames),
            "threads": self._settings.decoder_threads,
        }
        return self._run("frames.video.images:render_frames", record, arguments, cpu_s=300, nice=0)

    def _run(
        self,
        target: str,
        record: MediaRecord,
        arguments: dict[str, Any],
        *,
        cpu_s: int,
        nice: int = 2,
        ahead: int = 8,
    ) -> Messages:
        source = ObjectFile(self._objects, record.object_key, record.size_bytes)
        limits = Limits(cpu_s=cpu_s, memory_bytes=self._settings.decoder_memory_bytes, wall_s=10.0 * cpu_s, nice=nice)
        return run(target, arguments, {"source": source}, limits, ahead)
