"""Inference itself on real servers: NATS, S3, MongoDB, real clips, the real detector. Ingest, frames and annotation are
played."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from typing import Any

import nats
import numpy as np
import pytest
from faststream.nats import NatsRouter

from common.contract import events, questions
from common.contract.clips import ClipIndex
from common.contract.errors import Problem, reason_for
from common.contract.labels import Keyframe, ObjectState, Suggestions
from common.contract.media import Conditions, Medium
from common.geometry.tracks import Tracks, visible_boxes
from common.geometry.types import Box
from common.messaging import topology
from common.messaging.bus import Bus
from common.messaging.handlers import request_handler
from common.service.app import service
from common.service.ids import new_id
from common.service.settings import Settings
from common.storage.mongo import database
from common.storage.objects import NoSuchObject, index_key, samples_key, suggestions_key
from deploy.local.servers import EmbeddedServers
from inference import app
from inference.domain.clip_task import ClipTask
from inference.domain.cxcywh import cxcywh_of, interpolate_cxcywh, iou_of_cxcywh, xyxy_of
from inference.runs.repository import RunRepository
from tests.servers import servers_with_streams

pytestmark = pytest.mark.servers

MODEL = "nanodet-g-416"
PROJECT = "p1"


class World:
    """What ingest, frames and annotation would know: media with their clips and objects."""

    def __init__(self) -> None:
        self.media: dict[str, Medium] = {}
        self.clips: dict[str, list[questions.ClipRendition]] = {}
        self.objects: dict[str, list[ObjectState]] = {}


@pytest.fixture(scope="module")
async def servers(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[EmbeddedServers]:
    async with servers_with_streams(tmp_path_factory.mktemp("inference")) as servers:
        yield servers


@pytest.fixture(scope="module")
def world() -> World:
    return World()


@pytest.fixture(scope="module")
async def others(servers: EmbeddedServers, world: World) -> AsyncIterator[Bus]:
    """Ingest, frames and annotation; the bus is ingest's."""
    router, frames_router, annotation_router = NatsRouter(), NatsRouter(), NatsRouter()

    @router.subscriber(**request_handler(questions.ListMedia))
    async def list_media(question: questions.ListMedia) -> questions.MediaList:
        found = [world.media[media_id] for media_id in question.media or [] if media_id in world.media]
        return questions.MediaList(items=[medium for medium in found if medium.project_id == question.project_id])

    @frames_router.subscriber(**request_handler(questions.ListClips))
    async def list_clips(question: questions.ListClips) -> questions.ClipList:
        return questions.ClipList(clips=world.clips.get(question.media_id, []))

    @annotation_router.subscriber(**request_handler(questions.ReadObjects))
    async def read_objects(question: questions.ReadObjects) -> questions.ObjectList:
        return questions.ObjectList(objects=world.objects.get(question.media_id, []))

    async with AsyncExitStack() as stack:
        buses = {}
        for name, played in (("ingest", router), ("frames", frames_router), ("annotation", annotation_router)):
            buses[name] = Bus(name, Settings(**servers.settings(name), log_json=False))
            shell = service(buses[name], played)
            await stack.enter_async_context(shell.router.lifespan_context(shell))
        yield buses["ingest"]


@pytest.fixture(scope="module")
async def running(servers: EmbeddedServers, others: Bus) -> AsyncIterator[None]:
    """Two inference processes' worth of service, as on a machine of two cores."""
    async with AsyncExitStack() as stack:
        with pytest.MonkeyPatch.context() as patch:
            for name, value in servers.environment("inference").items():
                patch.setenv(name, value)
            shells = [app.create(), app.create()]
        for shell in shells:
            await stack.enter_async_context(shell.router.lifespan_context(shell))
        yield


@pytest.fixture(scope="module")
async def asker(servers: EmbeddedServers, running: None) -> AsyncIterator[Bus]:
    bus = Bus("gateway", Settings(**servers.settings("gateway"), log_json=False))
    await bus.broker.connect()
    async with asyncio.timeout(20):
        while True:
            try:
                await bus.ask(questions.ListModels())
            except Problem:
                await asyncio.sleep(0.1)
            else:
                break
    yield bus
    await bus.broker.stop()
    await bus.objects.close()


@pytest.fixture
async def store(servers: EmbeddedServers, running: None) -> RunRepository:
    return RunRepository(database(Settings(**servers.settings("inference"))))


@pytest.fixture
async def street(asker: Bus, world: World, film: Any, walk: list[np.ndarray]) -> str:
    """A medium with a clip on which a person walks."""
    return await add_medium(asker, world, film, walk)


async def add_medium(bus: Bus, world: World, film: Any, pictures: list[np.ndarray], damage: slice | None = None) -> str:
    media_id = new_id()
    index, samples = film(pictures, media_id=media_id)
    if damage is not None:
        samples = bytearray(samples)
        samples[damage] = bytes(len(samples[damage]))
    world.clips[media_id] = [await put_clip(bus, 0, index, bytes(samples))]
    add_to(world, media_id, pictures)
    return media_id


async def add_clips(bus: Bus, world: World, film: Any, pictures: list[np.ndarray], border: int, group: int = 12) -> str:
    """A medium of two clips, the second from frame `border` on."""
    media_id = new_id()
    parts = ((0, pictures[:border]), (border, pictures[border:]))
    filmed = [film(part, first=first, group=group, media_id=media_id) for first, part in parts]
    world.clips[media_id] = [await put_clip(bus, number, *clip) for number, clip in enumerate(filmed)]
    add_to(world, media_id, pictures)
    return media_id


async def put_clip(bus: Bus, number: int, index: ClipIndex, samples: bytes) -> questions.ClipRendition:
    rendition = questions.ClipRendition(
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


def add_to(world: World, media_id: str, pictures: list[np.ndarray]) -> None:
    world.media[media_id] = Medium(
        id=media_id,
        project_id=PROJECT,
        name="street.mp4",
        kind="video",
        state="ready",
        conditions=Conditions(weather="Sunny", lighting="Day", fov="Unknown"),
        content_type="video/mp4",
        size_bytes=1,
        width=pictures[0].shape[1],
        height=pictures[0].shape[0],
        frame_count=len(pictures),
        created_at=0.0,
        author="u1",
    )


def start(media_id: str, **fields: Any) -> questions.StartRun:
    whole = {"run_id": new_id(), "project_id": PROJECT, "model": MODEL, "media": [media_id], "author": "u1"}
    return questions.StartRun.model_validate(whole | fields)


async def ended(bus: Bus, run_id: str, within_s: float = 30) -> questions.Run:
    async with asyncio.timeout(within_s):
        while True:
            run = await bus.ask(questions.GetRun(run_id=run_id))
            if run.state not in ("queued", "running"):
                return run
            await asyncio.sleep(0.05)


async def told(servers: EmbeddedServers, event: type, run_id: str) -> list[Any]:
    """All events of a type about a run, in order."""
    client = await nats.connect(servers.nats.url("admin"))
    js = client.jetstream()
    subscription = await js.subscribe(event.pattern(), ordered_consumer=True)
    consumer = await subscription.consumer_info()
    count = consumer.delivered.consumer_seq + consumer.num_pending
    messages = [await subscription.next_msg(timeout=10) for _ in range(count)]
    await client.close()
    found = [event.model_validate_json(message.data) for message in messages]
    return [each for each in found if each.run_id == run_id]


async def test_a_person_who_walks_is_one_track(servers: EmbeddedServers, asker: Bus, street: str) -> None:
    run = await asker.ask(start(street, accept="auto"))
    assert (run.frames_total, run.threshold) == (24, 0.4)

    run = await ended(asker, run.id)

    assert (run.state, run.progress, run.frames_done, run.reason) == ("done", 1.0, 24, None)
    (fact,) = await told(servers, events.LabelsSuggested, run.id)
    assert (fact.first, fact.last, fact.count, fact.accept, fact.author) == (0, 23, 1, "auto", "u1")
    suggestions = Suggestions.model_validate_json(await asker.objects.get(fact.object_key))
    (track,) = suggestions.tracks
    assert track.label == "person"
    boxes = visible_boxes(Tracks.of([track.keyframes]), 0, 23)
    assert boxes.frames.tolist() == list(range(24))
    motion = (boxes.boxes_xyxyr[-1] - boxes.boxes_xyxyr[0])[:4]
    assert motion == pytest.approx([230, 0, 230, 0], abs=20)
    assert len(track.keyframes) <= 8


async def test_every_change_is_told_once_and_progress_grows(servers: EmbeddedServers, asker: Bus, street: str) -> None:
    run = await ended(asker, (await asker.ask(start(street))).id)

    changes: list[events.RunChanged] = await told(servers, events.RunChanged, run.id)
    revisions = [change.revision for change in changes]
    assert len(revisions) == len(set(revisions))
    in_order = sorted(changes, key=lambda change: change.revision)
    assert [change.frames_done for change in in_order] == sorted(change.frames_done for change in changes)
    assert [in_order[0].state, in_order[-1].state] == ["queued", "done"]


async def test_the_same_run_again_is_the_same_run(servers: EmbeddedServers, asker: Bus, street: str) -> None:
    question = start(street)
    first = await asker.ask(question)
    done = await ended(asker, first.id)
    again = await asker.ask(question)
    assert again == done
    assert len(await told(servers, events.LabelClip, first.id)) == 1


async def test_a_job_that_comes_again_changes_nothing(
    servers: EmbeddedServers, asker: Bus, street: str, store: RunRepository
) -> None:
    run = await ended(asker, (await asker.ask(start(street))).id)
    (fact,) = await told(servers, events.LabelsSuggested, run.id)
    before = await asker.objects.get(fact.object_key)
    (job,) = await told(servers, events.LabelClip, run.id)

    await publish_again(servers, job)
    await queue_is_empty(servers)

    assert await asker.ask(questions.GetRun(run_id=run.id)) == run
    assert await asker.objects.get(fact.object_key) == before
    assert len(await told(servers, events.LabelsSuggested, run.id)) == 1


async def test_a_clip_labeled_before_the_process_died_is_told_without_labeling_it_again(
    servers: EmbeddedServers, asker: Bus, street: str, world: World
) -> None:
    question = start(street)
    stored = Suggestions(run_id=question.run_id, media_id=street, clip=0, model=MODEL, tracks=[])
    key = suggestions_key(PROJECT, question.run_id, street, 0)
    await asker.objects.put(key, stored.model_dump_json().encode())

    run = await ended(asker, (await asker.ask(question)).id)

    assert run.state == "done"
    assert [fact.count for fact in await told(servers, events.LabelsSuggested, run.id)] == [0]


async def test_a_run_that_was_stored_and_not_queued_is_queued_by_whoever_looks(
    servers: EmbeddedServers, asker: Bus, street: str, store: RunRepository, others: Bus
) -> None:
    question = start(street)
    run = questions.Run(
        **question.model_dump(include={"project_id", "kind", "model", "media", "accept", "author"}),
        id=question.run_id,
        threshold=0.4,
        state="queued",
        progress=0,
        frames_done=0,
        frames_total=24,
        created_at=time.time(),
    )
    await store.create(run, [ClipTask(PROJECT, run.id, street, 0, 0, 23, ends_medium=True)])

    assert (await ended(asker, run.id)).state == "done"


async def test_a_damaged_frame_costs_only_itself(
    servers: EmbeddedServers, asker: Bus, world: World, film: Any, walk: list[np.ndarray]
) -> None:
    _, samples = film(walk)
    middle = len(samples) // 2
    media_id = await add_medium(asker, world, film, walk, damage=slice(middle, middle + 400))

    run = await ended(asker, (await asker.ask(start(media_id))).id)

    assert (run.state, run.frames_done) == ("done", 24)
    (fact,) = await told(servers, events.LabelsSuggested, run.id)
    assert fact.count >= 1


async def test_a_clip_that_cannot_be_decoded_fails_with_a_reason_and_is_not_retried(
    servers: EmbeddedServers, asker: Bus, world: World, film: Any, walk: list[np.ndarray]
) -> None:
    media_id = await add_medium(asker, world, film, walk, damage=slice(0, None))

    run = await ended(asker, (await asker.ask(start(media_id))).id)

    assert (run.state, run.reason) == ("failed", reason_for("clip_not_decodable", clip=1))
    assert await told(servers, events.LabelsSuggested, run.id) == []
    await queue_is_empty(servers)


async def test_a_deleted_medium_ends_its_runs_and_their_suggestions(
    servers: EmbeddedServers, asker: Bus, street: str, others: Bus, store: RunRepository
) -> None:
    done = await ended(asker, (await asker.ask(start(street))).id)
    waiting = start(street)
    run = questions.Run(
        **waiting.model_dump(include={"project_id", "kind", "model", "media", "accept", "author"}),
        id=waiting.run_id,
        threshold=0.4,
        state="queued",
        progress=0,
        frames_done=0,
        frames_total=24,
        created_at=time.time(),
    )
    await store.create(run, [ClipTask(PROJECT, run.id, street, 0, 0, 23, ends_medium=True)])

    await others.publish(events.MediaDeleted(project_id=PROJECT, media_id=street))

    cancelled = await ended(asker, run.id)
    assert (cancelled.state, cancelled.reason) == ("cancelled", reason_for("files_deleted"))
    assert (await asker.ask(questions.GetRun(run_id=done.id))).state == "done"
    key = suggestions_key(PROJECT, done.id, street, 0)
    await eventually(lambda: is_gone(asker, key))


async def test_a_cancelled_run_stops_and_stays_cancelled(
    servers: EmbeddedServers, asker: Bus, world: World, film: Any, walk: list[np.ndarray]
) -> None:
    media_id = await add_medium(asker, world, film, walk * 20)
    run = await asker.ask(start(media_id))
    await eventually(lambda: has_begun(asker, run.id))

    cancelled = await asker.ask(questions.CancelRun(run_id=run.id))
    again = await asker.ask(questions.CancelRun(run_id=run.id))
    await queue_is_empty(servers)

    assert (cancelled.state, again.state) == ("cancelled", "cancelled")
    after = await asker.ask(questions.GetRun(run_id=run.id))
    assert (after.state, after.frames_done < 480) == ("cancelled", True)
    assert await told(servers, events.LabelsSuggested, run.id) == []
    changes = sorted(await told(servers, events.RunChanged, run.id), key=lambda change: change.revision)
    assert changes[-1].state == "cancelled"


async def add_walker(
    asker: Bus, world: World, film: Any, stroll: Any, keyframes: Sequence[int]
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


def follow(media_id: str, **fields: Any) -> questions.StartRun:
    return start(media_id, kind="quick", object_id=f"walker-{media_id}", **fields)


async def test_a_gap_across_two_clips_is_filled_and_told_once(
    servers: EmbeddedServers, asker: Bus, world: World, film: Any, stroll: Any
) -> None:
    media_id, truth = await add_walker(asker, world, film, stroll, keyframes=(5, 34))
    question = follow(media_id, first=5, last=34)
    run = await asker.ask(question)
    assert (run.kind, run.object_id, run.first, run.last, run.frames_total) == (
        "quick", question.object_id, 5, 34, 28,
    )  # fmt: skip

    run = await ended(asker, run.id, within_s=60)

    assert (run.state, run.progress, run.frames_done, run.reason, run.stopped_at) == ("done", 1.0, 28, None, None)
    (fact,) = await told(servers, events.LabelsTracked, run.id)
    assert (fact.object_id, fact.first, fact.last, fact.author) == (question.object_id, 5, 34, "u1")
    stored = await asker.objects.get(fact.object_key)
    (track,) = Suggestions.model_validate_json(stored).tracks
    whole = [world.objects[media_id][0].keyframes[0], *track.keyframes, world.objects[media_id][0].keyframes[1]]
    boxes = visible_boxes(Tracks.of([whole]), 5, 34).boxes_xyxyr[:, :4]
    straight = iou_of_cxcywh(interpolate_cxcywh(truth[5], truth[34], 30), truth[5:35]).mean()
    quick = iou_of_cxcywh(cxcywh_of(boxes), truth[5:35]).mean()
    assert (straight < 0.3, quick > 0.8) == (True, True)

    assert await asker.ask(question) == run
    (job,) = await told(servers, events.TrackObject, run.id)
    await publish_again(servers, job)
    await queue_is_empty(servers, events.TrackObject)
    assert await asker.objects.get(fact.object_key) == stored
    assert len(await told(servers, events.LabelsTracked, run.id)) == 1
    assert await asker.ask(questions.GetRun(run_id=run.id)) == run


async def test_every_gap_is_a_job_of_its_own_and_a_cancelled_run_ends_them(
    servers: EmbeddedServers, asker: Bus, world: World, film: Any, stroll: Any
) -> None:
    media_id, _ = await add_walker(asker, world, film, stroll, keyframes=(2, 12, 30, 38))

    run = await asker.ask(follow(media_id))
    cancelled = await asker.ask(questions.CancelRun(run_id=run.id))
    await queue_is_empty(servers, events.TrackObject)

    jobs = await told(servers, events.TrackObject, run.id)
    # Jobs are queued side by side.
    assert sorted((job.first, job.last) for job in jobs) == [(2, 12), (12, 30), (30, 38)]
    assert cancelled.state == "cancelled"
    assert (await asker.ask(questions.GetRun(run_id=run.id))).state == "cancelled"
    assert len(await told(servers, events.LabelsTracked, run.id)) < 3


@pytest.mark.parametrize(
    ("keyframes", "fields", "code"),
    [
        ((5,), {}, "quick_label_needs_keyframes"),
        ((5, 34), {"first": 5, "last": 20}, "keyframe_not_manual"),
        ((5, 34), {"object_id": "nobody"}, "object_not_found"),
        ((5, 34), {"model": "yolo-99"}, "unknown_model"),
        ((5, 34), {"media": ["nowhere"]}, "medium_not_found"),
    ],
)
async def test_what_cannot_be_followed_is_refused(
    asker: Bus, world: World, film: Any, stroll: Any, keyframes: tuple[int, ...], fields: dict[str, Any], code: str,
) -> None:  # fmt: skip
    media_id, _ = await add_walker(asker, world, film, stroll, keyframes)
    with pytest.raises(Problem) as refused:
        await asker.ask(follow(media_id).model_copy(update=fields))
    assert refused.value.code == code


async def test_runs_are_listed_newest_first_page_by_page(asker: Bus, street: str) -> None:
    ids = [(await asker.ask(start(street))).id for _ in range(3)]
    first = await asker.ask(questions.ListRuns(project_id=PROJECT, page=questions.PageRequest(limit=2)))
    second = await asker.ask(
        questions.ListRuns(project_id=PROJECT, page=questions.PageRequest(limit=2, cursor=first.next_cursor))
    )
    assert [run.id for run in (*first.items, *second.items)][:3] == ids[::-1]
    for run_id in ids:
        await ended(asker, run_id)
    assert (await asker.ask(questions.ListRuns(project_id="another", page=questions.PageRequest()))).items == []


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"model": "yolo-99"}, "unknown_model"),
        ({"media": ["nowhere"]}, "medium_not_found"),
        ({"project_id": "p2"}, "medium_not_found"),
        ({"clips": [7]}, "no_such_clips"),
    ],
)
async def test_a_run_that_cannot_be_is_refused(asker: Bus, street: str, fields: dict[str, Any], code: str) -> None:
    with pytest.raises(Problem) as refused:
        await asker.ask(start(street, **fields))
    assert refused.value.code == code


async def test_a_run_that_is_not_there_is_not_found(asker: Bus) -> None:
    for question in (questions.GetRun(run_id="none"), questions.CancelRun(run_id="none")):
        with pytest.raises(Problem, match="not_found"):
            await asker.ask(question)
    with pytest.raises(Problem, match="invalid_cursor"):
        await asker.ask(questions.ListRuns(project_id=PROJECT, page=questions.PageRequest(cursor="nonsense")))


async def test_no_query_scans(servers: EmbeddedServers, store: RunRepository) -> None:
    db = database(Settings(**servers.settings("inference")))
    queries = [
        ("runs", {"find": "runs", "filter": {"project_id": "p"}, "sort": {"created_at": -1, "_id": -1}}),
        ("runs", {"find": "runs", "filter": {"unpublished": True, "changed_at": {"$lt": 1}}}),
        ("tasks", {"find": "tasks", "filter": {"run_id": "r", "state": "open"}}),
        ("tasks", {"find": "tasks", "filter": {"media_id": "m"}}),
    ]
    for _, query in queries:
        plan = await db.command({"explain": query, "verbosity": "queryPlanner"})
        assert "COLLSCAN" not in str(plan["queryPlanner"]["winningPlan"])


async def publish_again(servers: EmbeddedServers, job: events.Event) -> None:
    client = await nats.connect(servers.nats.url("admin"))
    await client.jetstream().publish(job.subject, job.model_dump_json().encode())
    await client.close()


async def queue_is_empty(
    servers: EmbeddedServers, of: type[events.Event] = events.LabelClip, within_s: float = 20
) -> None:
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
    return (await bus.ask(questions.GetRun(run_id=run_id))).frames_done > 0
