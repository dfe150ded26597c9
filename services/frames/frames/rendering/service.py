"""Use cases of rendering: exact frames as images."""

import asyncio

from common.contract.errors import Problem
from common.contract.questions import FrameImage, FrameStrip, RenderFrame, RenderFrames
from common.sandbox.parent import Undecodable
from common.service.ids import new_id
from common.storage.objects import media_prefix
from frames.clips.repository import ClipRepository
from frames.domain.gops import ClipPlan
from frames.domain.images import size_within
from frames.domain.media import MediaRecord
from frames.metrics import WORK_SECONDS
from frames.transcoder import Messages, Transcoder


class RenderingService:
    """Rendered frames. At most `concurrent` are decoded at a time."""

    def __init__(self, clips: ClipRepository, transcoder: Transcoder, concurrent: int) -> None:
        self._clips = clips
        self._transcoder = transcoder
        self._slots = asyncio.Semaphore(concurrent)

    async def render_frame(self, question: RenderFrame) -> FrameImage:
        """One frame as an image, which is rendered once and then kept. Raises Problem."""
        record, plans = await self._load(question.project_id, question.media_id, [question.frame])
        size = size_within(record.video["width"], record.video["height"], question.width)
        content_type = f"image/{question.format}"
        name = f"frames/{question.frame}.{size[0]}.{question.format}"
        key = media_prefix(record.project_id, record.media_id) + name
        if not await self._clips.exists(key):
            async with self._slots:
                messages = self._transcoder.render(record, plans, [question.frame], question.format, question.width)
                image = await _first_image(messages)
            await self._clips.put_image(key, image, content_type)
            await self._clips.delete_if_deleted(record.media_id)
        return FrameImage(object_key=key, content_type=content_type, width=size[0], height=size[1])

    async def render_frames(self, question: RenderFrames) -> FrameStrip:
        """Several frames, concatenated in one object. Raises Problem."""
        frames = sorted(set(question.frames))
        record, plans = await self._load(question.project_id, question.media_id, frames)
        key = f"{media_prefix(record.project_id, record.media_id)}strips/{new_id()}"
        content_type = f"image/{question.format}"
        sizes = []
        try:
            async with self._slots, self._clips.image_writer(key, content_type) as writer:
                with WORK_SECONDS.labels("render").time():
                    async with self._transcoder.render(record, plans, frames, question.format) as messages:
                        async for message in messages:
                            sizes.append(len(message.body))
                            await writer.send(message.body)
        except Undecodable as error:
            raise Problem("frame_not_decodable") from error
        return FrameStrip(object_key=key, content_type=content_type, frames=frames, sizes=sizes)

    async def _load(self, project_id: str, media_id: str, frames: list[int]) -> tuple[MediaRecord, list[ClipPlan]]:
        """The medium, and the plans of the clips that hold `frames`. Raises Problem."""
        record = await self._clips.find(media_id)
        if record is None or record.project_id != project_id or record.state == "deleted":
            raise Problem("medium_not_found")
        if record.state == "failed":
            raise Problem("file_failed")
        if record.kind == "image" and record.footage is not None and max(frames) == 0:
            return record, []
        plans = await self._clips.plans_of_frames(media_id, frames)
        if not all(any(plan.first <= frame <= plan.last for plan in plans) for frame in frames):
            raise Problem("frames_not_counted" if record.footage is None else "frame_not_found")
        return record, plans


async def _first_image(images: Messages) -> bytes:
    try:
        with WORK_SECONDS.labels("render").time():
            async with images as messages:
                async for message in messages:
                    return bytes(message.body)
    except Undecodable as error:
        raise Problem("frame_not_decodable") from error
    raise Problem("frame_not_decodable")
