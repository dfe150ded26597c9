"""Inference itself on real servers: NATS, S3, MongoDB, a real clip, the real detector. Ingest and frames are played."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any

import nats
import numpy as np
import pytest
from faststream.nats import NatsRouter

from common import topology
from common.bus import Bus, answer
from common.errors import Problem
from common.events import LabelClip, LabelsSuggested, MediaDeleted, RunChanged
from common.ids import new_id
from common.interpolation import Tracks, shown
from common.labels import Suggestions
from common.media import Conditions, Medium
from common.mongo import database
from common.objects import NoSuchObject, index_key, samples_key, suggestions_key
from common.questions import (
    CancelRun,
    ClipList,
    ClipRendition,
    GetRun,
    ListClips,
    ListMedia,
    ListModels,
    ListRuns,
    MediaList,
    Page,
    Run,
    StartRun,
)
from common.service import service
from common.settings import Settings
from deploy.local.servers import EmbeddedServers, embedded_servers
from inference import app
from inference.domain.clip import ClipOfRun
from inference.store.runs import RunStore

pytestmark = pytest.mark.servers

MODEL = "nanodet-g-416"
PROJECT = "p1"


class World:
    """What ingest and frames would know: media with one clip each."""

    def __init__(self) -> None:
        self.media: dict[str, Medium] = {}
        self.clips: dict[str, list[ClipRendition]] = {}


@pytest.fixture(scope="module")
async def servers(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[EmbeddedServers]:
    async with embedded_servers(tmp_path_factory.mktemp("inference")) as servers:
        client = await nats.connect(servers.nats.url("admin"))
        await topology.reconcile(client.jetstream())
        await client.close()
        yield servers


@pytest.fixture(scope="module")
def world() -> World:
    return World()


@pytest.fixture(scope="module")
async def others(servers: EmbeddedServers, world: World) -> AsyncIterator[Bus]:
    """Ingest and frames; the bus is ingest's."""
    router, frames_router = NatsRouter(), NatsRouter()

    @router.subscriber(**answer(ListMedia))
    async def list_media(question: ListMedia) -> MediaList:
        found = [world.media[media_id] for media_id in question.media or [] if media_id in world.media]
        return MediaList(items=[medium for medium in found if medium.project_id == question.project_id])

    @frames_router.subscriber(**answer(ListClips))
    async def list_clips(question: ListClips) -> ClipList:
        return ClipList(clips=world.clips.get(question.media_id, []))

    async with AsyncExitStack() as stack:
        buses = {}
        for name, played in (("ingest", router), ("frames", frames_router)):
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
                await bus.ask(ListModels())
            except Problem:
                await asyncio.sleep(0.1)
            else:
                break
    yield bus
    await bus.broker.stop()
    await bus.objects.close()


@pytest.fixture
async def store(servers: EmbeddedServers, running: None) -> RunStore:
    return RunStore(database(Settings(**servers.settings("inference"))))


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
    rendition = ClipRendition(
        clip=0,
        first=0,
        last=len(pictures) - 1,
        rendition="proxy",
        index_key=index_key(PROJECT, media_id, 0, "proxy"),
        samples_key=samples_key(PROJECT, media_id, 0, "proxy"),
    )
    await bus.objects.put(rendition.index_key, index.model_dump_json().encode())
    await bus.objects.put(rendition.samples_key, bytes(samples))
    world.clips[media_id] = [rendition]
    world.media[media_id] = Medium(
        id=media_id,
        project_id=PROJECT,
        name="street.mp4",
        kind="video",
        state="ready",
        conditions=Conditions(weather="Sunny", lighting="Day", fov="Unknown"),
        content_type="video/mp4",
        size_bytes=1,
        width=index.width,
        height=index.height,
        frame_count=len(pictures),
        created_at=0.0,
        author="u1",
    )
    return media_id


def start(media_id: str, **fields: Any) -> StartRun:
    whole = {"run_id": new_id(), "project_id": PROJECT, "model": MODEL, "media": [media_id], "author": "u1"}
    return StartRun.model_validate(whole | fields)


async def ended(bus: Bus, run_id: str, within_s: float = 30) -> Run:
    async with asyncio.timeout(within_s):
        while True:
            run = await bus.ask(GetRun(run_id=run_id))
            if run.state not in ("queued", "running"):
                return run
            await asyncio.sleep(0.05)


async def told(servers: EmbeddedServers, event: type, run_id: str) -> list[Any]:
    """All events of a type about a run, in order."""
    client = await nats.connect(servers.nats.url("admin"))
    js = client.jetstream()
    subscription = await js.subscribe(event.pattern(), ordered_consumer=True)
    found = []
    try:
        while True:
            message = await subscription.next_msg(timeout=0.5)
            found.append(event.model_validate_json(message.data))
    except nats.errors.TimeoutError:
        return [each for each in found if each.run_id == run_id]
    finally:
        await client.close()


async def test_a_person_who_walks_is_one_track(servers: EmbeddedServers, asker: Bus, street: str) -> None:
    run = await asker.ask(start(street, accept="auto"))
    assert (run.frames_total, run.threshold) == (24, 0.4)

    run = await ended(asker, run.id)

    assert (run.state, run.progress, run.frames_done, run.reason) == ("done", 1.0, 24, None)
    (fact,) = await told(servers, LabelsSuggested, run.id)
    assert (fact.first, fact.last, fact.count, fact.accept, fact.author) == (0, 23, 1, "auto", "u1")
    suggestions = Suggestions.model_validate_json(await asker.objects.get(fact.object_key))
    (track,) = suggestions.tracks
    assert track.label == "person"
    boxes = shown(Tracks.of([track.keyframes]), 0, 23)
    assert boxes.frames.tolist() == list(range(24))
    motion = (boxes.boxes_xyxyr[-1] - boxes.boxes_xyxyr[0])[:4]
    assert motion == pytest.approx([230, 0, 230, 0], abs=20)
    assert len(track.keyframes) <= 8


async def test_every_change_is_told_once_and_progress_grows(servers: EmbeddedServers, asker: Bus, street: str) -> None:
    run = await ended(asker, (await asker.ask(start(street))).id)

    changes: list[RunChanged] = await told(servers, RunChanged, run.id)
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
    assert len(await told(servers, LabelClip, first.id)) == 1


async def test_a_job_that_comes_again_changes_nothing(
    servers: EmbeddedServers, asker: Bus, street: str, store: RunStore
) -> None:
    run = await ended(asker, (await asker.ask(start(street))).id)
    (fact,) = await told(servers, LabelsSuggested, run.id)
    before = await asker.objects.get(fact.object_key)
    (job,) = await told(servers, LabelClip, run.id)

    client = await nats.connect(servers.nats.url("admin"))
    await client.jetstream().publish(job.subject, job.model_dump_json().encode())
    await client.close()
    await queue_is_empty(servers)

    assert await asker.ask(GetRun(run_id=run.id)) == run
    assert await asker.objects.get(fact.object_key) == before
    assert len(await told(servers, LabelsSuggested, run.id)) == 1


async def test_a_clip_labeled_before_the_process_died_is_told_without_labeling_it_again(
    servers: EmbeddedServers, asker: Bus, street: str, world: World
) -> None:
    question = start(street)
    stored = Suggestions(run_id=question.run_id, media_id=street, clip=0, model=MODEL, tracks=[])
    key = suggestions_key(PROJECT, question.run_id, street, 0)
    await asker.objects.put(key, stored.model_dump_json().encode())

    run = await ended(asker, (await asker.ask(question)).id)

    assert run.state == "done"
    assert [fact.count for fact in await told(servers, LabelsSuggested, run.id)] == [0]


async def test_a_run_that_was_stored_and_not_queued_is_queued_by_whoever_looks(
    servers: EmbeddedServers, asker: Bus, street: str, store: RunStore, others: Bus
) -> None:
    question = start(street)
    run = Run(
        **question.model_dump(include={"project_id", "kind", "model", "media", "accept", "author"}),
        id=question.run_id,
        threshold=0.4,
        state="queued",
        progress=0,
        frames_done=0,
        frames_total=24,
        created_at=time.time(),
    )
    await store.create(run, [ClipOfRun(PROJECT, run.id, street, 0, 0, 23, ends_medium=True)])

    assert (await ended(asker, run.id)).state == "done"


async def test_a_damaged_frame_costs_only_itself(
    servers: EmbeddedServers, asker: Bus, world: World, film: Any, walk: list[np.ndarray]
) -> None:
    _, samples = film(walk)
    middle = len(samples) // 2
    media_id = await add_medium(asker, world, film, walk, damage=slice(middle, middle + 400))

    run = await ended(asker, (await asker.ask(start(media_id))).id)

    assert (run.state, run.frames_done) == ("done", 24)
    (fact,) = await told(servers, LabelsSuggested, run.id)
    assert fact.count >= 1


async def test_a_clip_that_cannot_be_decoded_fails_with_a_reason_and_is_not_retried(
    servers: EmbeddedServers, asker: Bus, world: World, film: Any, walk: list[np.ndarray]
) -> None:
    media_id = await add_medium(asker, world, film, walk, damage=slice(0, None))

    run = await ended(asker, (await asker.ask(start(media_id))).id)

    assert (run.state, run.reason) == ("failed", "No frame of clip 0 can be decoded.")
    assert await told(servers, LabelsSuggested, run.id) == []
    await queue_is_empty(servers)


async def test_a_deleted_medium_ends_its_runs_and_their_suggestions(
    servers: EmbeddedServers, asker: Bus, street: str, others: Bus, store: RunStore
) -> None:
    done = await ended(asker, (await asker.ask(start(street))).id)
    waiting = start(street)
    run = Run(
        **waiting.model_dump(include={"project_id", "kind", "model", "media", "accept", "author"}),
        id=waiting.run_id,
        threshold=0.4,
        state="queued",
        progress=0,
        frames_done=0,
        frames_total=24,
        created_at=time.time(),
    )
    await store.create(run, [ClipOfRun(PROJECT, run.id, street, 0, 0, 23, ends_medium=True)])

    await others.tell(MediaDeleted(project_id=PROJECT, media_id=street))

    cancelled = await ended(asker, run.id)
    assert (cancelled.state, cancelled.reason) == ("cancelled", "Its media were deleted.")
    assert (await asker.ask(GetRun(run_id=done.id))).state == "done"
    key = suggestions_key(PROJECT, done.id, street, 0)
    await eventually(lambda: is_gone(asker, key))


async def test_a_cancelled_run_stops_and_stays_cancelled(
    servers: EmbeddedServers, asker: Bus, world: World, film: Any, walk: list[np.ndarray]
) -> None:
    media_id = await add_medium(asker, world, film, walk * 20)
    run = await asker.ask(start(media_id))
    await eventually(lambda: has_begun(asker, run.id))

    cancelled = await asker.ask(CancelRun(run_id=run.id))
    again = await asker.ask(CancelRun(run_id=run.id))
    await queue_is_empty(servers)

    assert (cancelled.state, again.state) == ("cancelled", "cancelled")
    after = await asker.ask(GetRun(run_id=run.id))
    assert (after.state, after.frames_done < 480) == ("cancelled", True)
    assert await told(servers, LabelsSuggested, run.id) == []
    changes = sorted(await told(servers, RunChanged, run.id), key=lambda change: change.revision)
    assert changes[-1].state == "cancelled"


async def test_runs_are_listed_newest_first_page_by_page(asker: Bus, street: str) -> None:
    ids = [(await asker.ask(start(street))).id for _ in range(3)]
    first = await asker.ask(ListRuns(project_id=PROJECT, page=Page(limit=2)))
    second = await asker.ask(ListRuns(project_id=PROJECT, page=Page(limit=2, cursor=first.next_cursor)))
    assert [run.id for run in (*first.items, *second.items)][:3] == ids[::-1]
    for run_id in ids:
        await ended(asker, run_id)
    assert (await asker.ask(ListRuns(project_id="another", page=Page()))).items == []


@pytest.mark.parametrize(
    ("fields", "status", "words"),
    [
        ({"model": "yolo-99"}, 422, "There is no model “yolo-99”. There are: nanodet-g-416."),
        ({"media": ["nowhere"]}, 404, "This project has no medium nowhere."),
        ({"project_id": "p2"}, 404, "This project has no medium"),
        ({"clips": [7]}, 422, "None of the media has any of these clips."),
    ],
)
async def test_a_run_that_cannot_be_is_refused(
    asker: Bus, street: str, fields: dict[str, Any], status: int, words: str
) -> None:
    with pytest.raises(Problem) as refused:
        await asker.ask(start(street, **fields))
    assert refused.value.status == status
    assert words in refused.value.detail


async def test_a_run_that_is_not_there_is_not_found(asker: Bus) -> None:
    for question in (GetRun(run_id="none"), CancelRun(run_id="none")):
        with pytest.raises(Problem, match="404"):
            await asker.ask(question)
    with pytest.raises(Problem, match="422"):
        await asker.ask(ListRuns(project_id=PROJECT, page=Page(cursor="nonsense")))


async def test_no_query_scans(servers: EmbeddedServers, store: RunStore) -> None:
    db = database(Settings(**servers.settings("inference")))
    queries = [
        ("runs", {"find": "runs", "filter": {"project_id": "p"}, "sort": {"created_at": -1, "_id": -1}}),
        ("runs", {"find": "runs", "filter": {"untold": True, "changed_at": {"$lt": 1}}}),
        ("clips", {"find": "clips", "filter": {"run_id": "r", "state": "open"}}),
        ("clips", {"find": "clips", "filter": {"media_id": "m"}}),
    ]
    for _, query in queries:
        plan = await db.command({"explain": query, "verbosity": "queryPlanner"})
        assert "COLLSCAN" not in str(plan["queryPlanner"]["winningPlan"])


async def queue_is_empty(servers: EmbeddedServers, within_s: float = 20) -> None:
    consumer = topology.consumer_of(LabelClip, "inference")
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
