"""What happens to stored media: they are planned, cut, encoded, and forgotten when they are deleted."""

from dataclasses import replace
from typing import Annotated, Any

import structlog
from faststream.nats import NatsRouter

from common.contract.errors import reason_for
from common.contract.events import (
    CutClip,
    EncodeClip,
    MediaDeleted,
    MediaStored,
)
from common.messaging.bus import Bus, InjectedBus
from common.messaging.delivery import consume, consume_dead_letters
from common.messaging.dependencies import Dependency
from common.sandbox.parent import LimitExceeded, Undecodable
from frames.clips.repository import FootageStore
from frames.clips.service import clip_done, fail, finish, first_job, tell_again
from frames.domain.clip_index import copied_index, encoded_index, still_index
from frames.domain.gops import ClipPlan
from frames.domain.media import CutState, Record, image_footage, total
from frames.metrics import FRAMES_CUT, WORK_SECONDS
from frames.transcoder import Cutter

router = NatsRouter()
log = structlog.get_logger()
Store = Annotated[FootageStore, Dependency("footage")]
Cut = Annotated[Cutter, Dependency("cutter")]
GIVEN_UP = reason_for("processing_failed_repeatedly")


@router.subscriber(**consume(MediaStored, by="frames"))
async def plan(stored: MediaStored, footage: Store, cutter: Cut, bus: InjectedBus) -> None:
    """Find out what frames a medium has, and have each clip cut as soon as it is known."""
    record = await footage.begin(stored)
    if record.state == "failed":
        await fail(record, record.reason or GIVEN_UP, footage, bus)
    elif record.state == "planned":
        await tell_again(record, footage, bus)
    elif record.state == "planning":
        log.info("planning", media_id=record.media_id, kind=record.kind, size_bytes=record.size_bytes)
        take = take_image if record.kind == "image" else plan_video
        try:
            await take(record, footage, cutter, bus)
        except Undecodable as refusal:
            await fail(record, refusal.reason, footage, bus, refusal)
    await footage.sweep_if_deleted(stored.media_id)


async def plan_video(record: Record, footage: FootageStore, cutter: Cutter, bus: Bus) -> None:
    """Store the clips' plans one by one; the first can be shown long before the last is known."""
    video: dict[str, Any] = {}
    first_pts = clip_count = 0
    with WORK_SECONDS.labels("plan").time():
        async with cutter.plan(record) as messages:
            async for message in messages:
                head = message.head
                if head["kind"] == "video":
                    video = head
                    await footage.describe(record.media_id, head)
                    await footage.put_thumbnail(record, bytes(message.body))
                elif head["kind"] == "clip":
                    await footage.put_plan(record.media_id, head, bytes(message.body))
                    first_pts = head["first_pts"] if head["clip"] == 0 else first_pts
                    clip_count = head["clip"] + 1
                    await have_cut(record, head["clip"], footage, bus, can_copy=head["can_copy"])
                else:
                    await finish(record, total(video, head, first_pts, clip_count), footage, bus)


async def have_cut(record: Record, clip: int, footage: FootageStore, bus: Bus, *, can_copy: bool) -> None:
    """Have a clip cut that is planned. The first, if nothing but copying is to be done, at once: a person waits for
    it, and should not wait for other people's clips."""
    log.info("clip planned", media_id=record.media_id, clip=clip, can_copy=can_copy)
    job = first_job(record, clip, can_copy=can_copy)
    if clip == 0 and isinstance(job, CutClip):
        await cut(job, footage, bus)
    else:
        await bus.publish(job)


async def take_image(record: Record, footage: Store, cutter: Cutter, bus: Bus) -> None:
    """An image is one clip of one frame, made at once."""
    with WORK_SECONDS.labels("still").time():
        async with cutter.still(record) as messages:
            upright, thumbnail = [message async for message in messages]
    size = upright.head["width"], upright.head["height"]
    await footage.put_thumbnail(record, bytes(thumbnail.body))
    head = {"clip": 0, "first": 0, "count": 1, "gops": 0, "frames": 0, "can_copy": False, "is_settled": True}
    await footage.put_plan(record.media_id, head, b"")
    await footage.describe(record.media_id, {"width": size[0], "height": size[1], "rate": 1.0})
    async with footage.samples(record, 0, "still") as writer:
        await writer.add(upright.body)
    await footage.put_rendition(record, still_index(record.media_id, *size, len(upright.body)))
    FRAMES_CUT.labels("still").inc()
    described = replace(record, video={"width": size[0], "height": size[1], "rate": 1.0})
    await finish(described, image_footage(*size), footage, bus)


@router.subscriber(**consume(CutClip, by="frames"))
async def cut(job: CutClip, footage: Store, bus: InjectedBus) -> None:
    """Carry a clip's samples over from the source as they are."""
    found = await open_clip(job.media_id, job.clip, footage)
    if found is None:
        return
    record, clip_plan, state = found
    if "copy" not in state.renditions:
        with WORK_SECONDS.labels("copy").time():
            await footage.copy_samples(record, clip_plan)
        await footage.put_rendition(record, copied_index(record.media_id, clip_plan, record.video))
        FRAMES_CUT.labels("copy").inc(clip_plan.count)
    await clip_done(record, state, "copy", footage, bus)


@router.subscriber(**consume(EncodeClip, by="frames"))
async def encode(job: EncodeClip, footage: Store, cutter: Cut, bus: InjectedBus) -> None:
    """Encode a clip so that every frame of it is near."""
    found = await open_clip(job.media_id, job.clip, footage)
    if found is None:
        return
    record, clip_plan, state = found
    try:
        if "proxy" not in state.renditions:
            await encode_proxy(record, clip_plan, footage, cutter)
    except Undecodable as refusal:
        if not state.renditions:
            limited = isinstance(refusal, LimitExceeded)
            reason = refusal.reason if limited else reason_for("clip_not_decodable", clip=job.clip + 1)
            await fail(record, reason, footage, bus, refusal)
        # The copy stays what is shown: a browser may well decode what this decoder does not.
        return
    await clip_done(record, state, "proxy", footage, bus)


async def encode_proxy(record: Record, plan: ClipPlan, footage: FootageStore, cutter: Cutter) -> None:
    """Encode one clip into S3, segment by segment, then its index."""
    with WORK_SECONDS.labels("proxy").time():
        async with (
            footage.samples(record, plan.clip, "proxy") as writer,
            cutter.encode(record, plan) as messages,
        ):
            encoded = (await anext(aiter(messages))).head
            sizes = []
            async for segment in messages:
                sizes.append(segment.head["sizes"])
                await writer.add(segment.body)
    await footage.put_rendition(record, encoded_index(record.media_id, plan, record.video, encoded, sizes))
    FRAMES_CUT.labels("proxy").inc(plan.count)


@router.subscriber(**consume(MediaDeleted, by="frames"))
async def forget(deleted: MediaDeleted, footage: Store) -> None:
    """Let go of everything that was made from a medium."""
    await footage.delete(deleted.project_id, deleted.media_id)


@router.subscriber(**consume_dead_letters(MediaStored, by="frames"))
async def give_up_planning(stored: MediaStored, footage: Store, bus: InjectedBus) -> None:
    """A file that brings down whoever looks at it is not looked at for ever."""
    record = await footage.begin(stored)
    await fail(record, GIVEN_UP, footage, bus)


@router.subscriber(**consume_dead_letters(CutClip, by="frames"))
async def give_up_cutting(job: CutClip, footage: Store, bus: InjectedBus) -> None:
    """A clip that cannot be copied is encoded instead."""
    if await open_clip(job.media_id, job.clip, footage):
        await bus.publish(EncodeClip(project_id=job.project_id, media_id=job.media_id, clip=job.clip))


@router.subscriber(**consume_dead_letters(EncodeClip, by="frames"))
async def give_up_encoding(job: EncodeClip, footage: Store, bus: InjectedBus) -> None:
    """A clip that cannot be shown at all fails its medium."""
    found = await open_clip(job.media_id, job.clip, footage)
    if found is not None and not found[2].renditions:
        await fail(found[0], GIVEN_UP, footage, bus)


async def open_clip(media_id: str, clip: int, footage: FootageStore) -> tuple[Record, ClipPlan, CutState] | None:
    """A clip that there is still sense in working on, with its medium and plan."""
    record = await footage.record(media_id)
    plan = await footage.plan(media_id, clip)
    state = await footage.cut(media_id, clip)
    if record is None or plan is None or state is None or not record.is_open:
        return None
    return record, plan, state
