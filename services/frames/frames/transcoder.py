"""Hands media to the code in `video`, each piece of work in a sandbox of its own."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from typing import Any

from common.sandbox.parent import Limits, Message, ObjectFile, run
from common.storage.objects import Objects
from frames.domain.gops import ClipPlan
from frames.domain.images import PictureFormat
from frames.domain.media import Record, seeks
from frames.settings import FramesSettings

Messages = AbstractAsyncContextManager[AsyncIterator[Message]]


class Cutter:
    """Runs decoders and encoders within limits that grow with the work, never beyond."""

    def __init__(self, objects: Objects, settings: FramesSettings) -> None:
        self.objects = objects
        self.settings = settings

    def plan(self, record: Record) -> Messages:
        """See `planning.plan`."""
        arguments = {
            "content_type": record.content_type,
            "frames_per_clip": self.settings.frames_per_clip,
            "threads": self.settings.decoder_threads,
        }
        # Barely ahead: to read on would only slow down the first clip's way to the person who waits for it.
        return self._run("planning:plan", record, arguments, cpu_s=120 + record.size_bytes // 20_000, ahead=1)

    def encode(self, record: Record, plan: ClipPlan) -> Messages:
        """See `encoding.encode`."""
        start = plan.gop_of(plan.first).start
        arguments = {
            "content_type": record.content_type,
            "start": [start.number, start.time, start.position, start.size],
            "packets": [packet for packet, _ in plan.frames(plan.first, plan.last)],
            "gop": self.settings.proxy_gop,
            "crf": self.settings.proxy_crf,
            "preset": self.settings.proxy_preset,
            "threads": self.settings.decoder_threads,
        }
        return self._run("encoding:encode", record, arguments, cpu_s=600 + 4 * plan.count, nice=10)

    def still(self, record: Record) -> Messages:
        """See `pictures.still`."""
        return self._run("pictures:still", record, {}, cpu_s=120)

    def image(self, record: Record, picture_format: PictureFormat, width: int | None) -> Messages:
        """See `pictures.image_as`."""
        arguments = {"picture_format": picture_format, "width": width}
        return self._run("pictures:image_as", record, arguments, cpu_s=120, nice=0)

    def frames(
        self,
        record: Record,
        plans: list[ClipPlan],
        frames: list[int],
        picture_format: PictureFormat,
        width: int | None = None,
    ) -> Messages:
        """See `pictures.frames_as`; `frames` in order."""
        arguments = {
            "content_type": record.content_type,
            "wanted": seeks(plans, frames),
            "picture_format": picture_format,
            "width": width,
            "threads": self.settings.decoder_threads,
        }
        return self._run("pictures:frames_as", record, arguments, cpu_s=300, nice=0)

    def _run(
        self,
        function: str,
        record: Record,
        arguments: dict[str, Any],
        *,
        cpu_s: int,
        nice: int = 2,
        ahead: int = 8,
    ) -> Messages:
        source = ObjectFile(self.objects, record.object_key, record.size_bytes)
        limits = Limits(cpu_s=cpu_s, memory_bytes=self.settings.decoder_memory_bytes, wall_s=10.0 * cpu_s, nice=nice)
        return run(f"frames.video.{function}", arguments, {"source": source}, limits, ahead)
