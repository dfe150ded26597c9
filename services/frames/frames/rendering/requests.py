"""What this service answers: which clips there are, and exact frames as pictures."""

import asyncio
from typing import Annotated

from faststream.nats import NatsRouter

from common.contract.errors import Problem
from common.contract.questions import (
    ClipList,
    ClipRendition,
    FrameStrip,
    ListClips,
    Picture,
    RenderFrame,
    RenderFrames,
)
from common.messaging.dependencies import Dependency
from common.messaging.handlers import request_handler
from common.sandbox.parent import Undecodable
from common.service.ids import new_id
from common.storage.objects import index_key, media_prefix, samples_key
from frames.clips.repository import FootageStore
from frames.domain.gops import ClipPlan
from frames.domain.images import PictureFormat, size_within
from frames.domain.media import Record
from frames.metrics import WORK_SECONDS
from frames.transcoder import Cutter, Messages

router = NatsRouter()
Store = Annotated[FootageStore, Dependency("footage")]
Cut = Annotated[Cutter, Dependency("cutter")]
Room = Annotated[asyncio.Semaphore, Dependency("rendering")]


@router.subscriber(**request_handler(ListClips))
async def list_clips(question: ListClips, footage: Store) -> ClipList:
    """The clips that can be shown, each in the rendition that suits the purpose."""
    record = await footage.record(question.media_id)
    if record is not None and record.project_id != question.project_id:
        raise Problem("medium_not_found")
    project, media = question.project_id, question.media_id
    clips = [
        ClipRendition(
            clip=cut.clip,
            first=cut.first,
            last=cut.last,
            rendition=best,
            index_key=index_key(project, media, cut.clip, best),
            samples_key=samples_key(project, media, cut.clip, best),
        )
        for cut in await footage.cuts(media)
        if (best := cut.best(question.purpose)) is not None
    ]
    return ClipList(clips=clips)


@router.subscriber(**request_handler(RenderFrame))
async def render_frame(question: RenderFrame, footage: Store, cutter: Cut, rendering: Room) -> Picture:
    """One frame as a picture; made once, then kept."""
    record, plans = await _frames_of(footage, question.project_id, question.media_id, [question.frame])
    size = size_within(record.video["width"], record.video["height"], question.width)
    name = f"frames/{question.frame}.{size[0]}.{question.format}"
    key = media_prefix(record.project_id, record.media_id) + name
    if not await footage.exists(key):
        async with rendering:
            messages = _pictures(cutter, record, plans, [question.frame], question.format, question.width)
            content = await _first(messages)
        await footage.objects.put(key, content, f"image/{question.format}")
        await footage.sweep_if_deleted(record.media_id)
    return Picture(object_key=key, content_type=f"image/{question.format}", width=size[0], height=size[1])


@router.subscriber(**request_handler(RenderFrames))
async def render_frames(question: RenderFrames, footage: Store, cutter: Cut, rendering: Room) -> FrameStrip:
    """Several frames, one after the other in one object."""
    frames = sorted(set(question.frames))
    record, plans = await _frames_of(footage, question.project_id, question.media_id, frames)
    key = f"{media_prefix(record.project_id, record.media_id)}strips/{new_id()}"
    sizes = []
    try:
        async with rendering, footage.writer(key, f"image/{question.format}") as writer:
            with WORK_SECONDS.labels("render").time():
                async with _pictures(cutter, record, plans, frames, question.format) as messages:
                    async for message in messages:
                        sizes.append(len(message.body))
                        await writer.add(message.body)
    except Undecodable as refusal:
        raise Problem("frame_not_decodable") from refusal
    return FrameStrip(object_key=key, content_type=f"image/{question.format}", frames=frames, sizes=sizes)


def _pictures(
    cutter: Cutter,
    record: Record,
    plans: list[ClipPlan],
    frames: list[int],
    picture_format: PictureFormat,
    width: int | None = None,
) -> Messages:
    if record.kind == "image":
        return cutter.image(record, picture_format, width)
    return cutter.frames(record, plans, frames, picture_format, width)


async def _first(pictures: Messages) -> bytes:
    try:
        with WORK_SECONDS.labels("render").time():
            async with pictures as messages:
                async for message in messages:
                    return bytes(message.body)
    except Undecodable as refusal:
        raise Problem("frame_not_decodable") from refusal
    raise Problem("frame_not_decodable")


async def _frames_of(
    footage: FootageStore, project_id: str, media_id: str, frames: list[int]
) -> tuple[Record, list[ClipPlan]]:
    """The medium, and the plans of the clips that hold `frames`."""
    record = await footage.record(media_id)
    if record is None or record.project_id != project_id or record.state == "deleted":
        raise Problem("medium_not_found")
    if record.state == "failed":
        raise Problem("file_failed")
    if record.kind == "image" and record.footage is not None and max(frames) == 0:
        return record, []
    plans = await footage.plans_of_frames(media_id, frames)
    covered = [any(plan.first <= frame <= plan.last for plan in plans) for frame in frames]
    if not all(covered):
        if record.footage is None:
            raise Problem("frames_not_counted")
        raise Problem("frame_not_found")
    return record, plans
