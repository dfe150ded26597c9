"""Media of the peers of inference, and helpers for runs on them."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

import nats
import numpy as np

from common.contract.clips import ClipIndex
from common.contract.events import Event, LabelClip, LabelsSuggested, LabelsTracked, RunChanged, TrackObject
from common.contract.labels import Keyframe, ObjectState
from common.contract.media import Conditions, Medium
from common.contract.questions import ClipRendition, GetRun, Run, StartRun
from common.geometry.types import Box
from common.messaging import topology
from common.messaging.bus import Bus
from common.service.ids import new_id
from common.storage.objects import NoSuchObject, index_key, samples_key
from deploy.local.servers import EmbeddedServers
from inference.domain.cxcywh import xyxy_of
from tests.inference.conftest import Film, Stroll

MODEL = "nanodet-g-416"
PROJECT = "p1"
RunEvent = TypeVar("RunEvent", LabelClip, LabelsSuggested, LabelsTracked, RunChanged, TrackObject)


class World:
    """The state of ingest, frames and annotation: media with their clips and objects."""

    def __init__(self) -> None:
        self.media: dict[str, Medium] = {}
        self.clips: dict[str, list[ClipRendition]] = {}
        self.objects: dict[str, list[ObjectState]] = {}


async def add_medium(bus: Bus, world: World, film: Film, frames: list[np.ndarray], damage: slice | None = None) -> str:
    media_id = new_id()
    index, samples = film(frames, media_id=media_id)
    if damage is not None:
        damaged = bytearray(samples)
        damaged[damage] = bytes(len(damaged[damage]))
        samples = bytes(damaged)
    world.clips[media_id] = [await put_clip(bus, 0, index, samples)]
    add_to(world, media_id, frames)
    return media_id


async def add_clips(bus: Bus, world: World, film: Film, frames: list[np.ndarray], border: int, group: int = 12) -> str:
    """A medium of two clips, the second from frame `border` on."""
    media_id = new_id()
    parts = ((0, frames[:border]), (border, frames[border:]))
    filmed = [film(part, first=first, group=group, media_id=media_id) for first, part in parts]
    world.clips[media_id] = [await put_clip(bus, number, *clip) for number, clip in enumerate(filmed)]
    add_to(world, media_id, frames)
    return media_id


async def put_clip(bus: Bus, number: int, index: ClipIndex, samples: bytes) -> ClipRendition:
    rendition = ClipRendition(
        clip=number,
        first=index.first,
        last=index.last,
        rendition="proxy",
        index_key=index_key(PROJECT, index.media_id, number, "proxy"),
        samples_key=samples_key(PROJECT, index.media_id, number, "proxy"),
    )
    await bus.objects.put(rendition.index_key, index.model_dump_json().encode())
    await bus.objects.put(rendition.samples_key, samples)
    return rendition


def add_to(world: World, media_id: str, frames: list[np.ndarray]) -> None:
    world.media[media_id] = Medium(
        id=media_id,
        project_id=PROJECT,
        name="street.mp4",
        kind="video",
        state="ready",
        conditions=Conditions(weather="Sunny", lighting="Day", fov="Unknown"),
        content_type="video/mp4",
        size_bytes=1,
        width=frames[0].shape[1],
        height=frames[0].shape[0],
        frame_count=len(frames),
        created_at=0.0,
        author="u1",
    )


def start(media_id: str, **fields: Any) -> StartRun:
    fixed = {"run_id": new_id(), "project_id": PROJECT, "model": MODEL, "media": [media_id], "author": "u1"}
    return StartRun.model_validate(fixed | fields)


async def ended(bus: Bus, run_id: str, within_s: float = 30) -> Run:
    async with asyncio.timeout(within_s):
        while True:
            run = await bus.ask(GetRun(run_id=run_id))
            if run.state not in ("queued", "running"):
                return run
            await asyncio.sleep(0.05)


async def published(servers: EmbeddedServers, event: type[RunEvent], run_id: str) -> list[RunEvent]:
    """All events of a type about a run, in order."""
    client = await nats.connect(servers.nats.url("admin"))
    js = client.jetstream()
    subscription = await js.subscribe(event.pattern(), ordered_consumer=True)
    consumer = await subscription.consumer_info()
    assert consumer.delivered is not None
    assert consumer.num_pending is not None
    count = consumer.delivered.consumer_seq + consumer.num_pending
    messages = [await subscription.next_msg(timeout=10) for _ in range(count)]
    await client.close()
    found = [event.model_validate_json(message.data) for message in messages]
    return [each for each in found if each.run_id == run_id]


async def add_walker(
    asker: Bus, world: World, film: Film, stroll: Stroll, keyframes: Sequence[int]
) -> tuple[str, np.ndarray]:
    """A medium of two clips through which a person walks to the right and back, with her box set by hand on some
    frames."""
    share = np.linspace(0, 1, 40)
    centre = np.stack([100 + 160 * np.sin(np.pi * share), 90 + 90 * share], axis=1)
    truth = np.concatenate([centre, np.tile([60.0, 120.0], (40, 1))], axis=1)
    media_id = await add_clips(asker, world, film, stroll(truth), border=22)
    boxes = xyxy_of(truth).round(2)
    world.objects[media_id] = [
        ObjectState(
            id=f"walker-{media_id}",
            project_id=PROJECT,
            media_id=media_id,
            mission="mission",
            category="Pedestrian",
            keyframes=[
                Keyframe(frame=at, geometry=Box(x1=x1, y1=y1, x2=x2, y2=y2))
                for at, (x1, y1, x2, y2) in ((at, boxes[at].tolist()) for at in keyframes)
            ],
            revision=1,
            author="u1",
        )
    ]
    return media_id, truth


def quick_label(media_id: str, **fields: Any) -> StartRun:
    return start(media_id, kind="quick", object_id=f"walker-{media_id}", **fields)


async def publish_again(servers: EmbeddedServers, job: Event) -> None:
    client = await nats.connect(servers.nats.url("admin"))
    await client.jetstream().publish(job.subject, job.model_dump_json().encode())
    await client.close()


async def queue_is_empty(servers: EmbeddedServers, of: type[Event] = LabelClip, within_s: float = 20) -> None:
    consumer = topology.consumer_of(of, "inference")
    client = await nats.connect(servers.nats.url("admin"))
    async with asyncio.timeout(within_s):
        while True:
            found = await client.jetstream().consumer_info(consumer.stream, consumer.durable)
            if not found.num_pending and not found.num_ack_pending:
                break
            await asyncio.sleep(0.05)
    await client.close()


async def eventually(true: Callable[[], Awaitable[bool]], within_s: float = 15) -> None:
    async with asyncio.timeout(within_s):
        while not await true():
            await asyncio.sleep(0.03)


async def is_gone(bus: Bus, key: str) -> bool:
    try:
        await bus.objects.stat(key)
    except NoSuchObject:
        return True
    return False


async def has_begun(bus: Bus, run_id: str) -> bool:
    return (await bus.ask(GetRun(run_id=run_id))).frames_done > 0
