"""The service as a process, on real servers, with peers in memory."""

import asyncio
import hashlib
import io
import os
import signal
import socket
import sys
import zipfile
from asyncio.subprocess import Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

import nats
import pytest
from faststream.nats import NatsRouter

from common.contract import questions
from common.contract.errors import ErrorKind, Problem
from common.contract.events import ExportReady
from common.contract.labels import ObjectState
from common.contract.media import Medium
from common.messaging.bus import Bus
from common.messaging.handlers import request_handler
from common.service.ids import new_id
from common.service.settings import Settings
from common.storage.mongo import database
from common.storage.objects import archive_key, source_key
from deploy.local.servers import EmbeddedServers
from tests.export.fakes import FakeBus
from tests.export.made import keyframe, labeled, medium
from tests.servers import servers_with_streams

pytestmark = [pytest.mark.servers, pytest.mark.slow]
IMAGE = os.urandom(12_000_000)
MEDIA = [medium("m1", "a.mp4", 800), medium("m2", "0.jpg", size_bytes=len(IMAGE))]
OBJECTS = [labeled(f"o{n:02d}", keyframe(0), keyframe(799, 5.0, 5.0, 99.0, 99.0)) for n in range(20)]


Stored = TypeVar("Stored", questions.Snapshot, questions.FrameStrip)


class Peers(FakeBus):
    """Ingest, annotation and frames. While `gate` is closed, no frames are rendered."""

    def __init__(self, media: list[Medium], objects: list[ObjectState], bus: Bus) -> None:
        super().__init__(media, objects)
        self.bus = bus
        self.gate = asyncio.Event()
        self.gate.set()

    def router(self) -> NatsRouter:
        router = NatsRouter()

        @router.subscriber(**request_handler(questions.ListMedia))
        async def media(question: questions.ListMedia) -> questions.MediaList:
            return self.media_page(question)

        @router.subscriber(**request_handler(questions.TakeSnapshot))
        async def snapshot(question: questions.TakeSnapshot) -> questions.Snapshot:
            return await self._stored(self.snapshot_of(question))

        @router.subscriber(**request_handler(questions.RenderFrames))
        async def render(question: questions.RenderFrames) -> questions.FrameStrip:
            if question.frames[0] >= 500:
                await self.gate.wait()
            return await self._stored(self.strip_of(question))

        return router

    async def _stored(self, answered: Stored) -> Stored:
        await self.bus.objects.put(answered.object_key, self.objects.stored.pop(answered.object_key))
        return answered


@pytest.fixture(scope="module")
async def servers(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[EmbeddedServers]:
    async with servers_with_streams(tmp_path_factory.mktemp("export")) as servers:
        yield servers


@pytest.fixture(scope="module")
async def peers(servers: EmbeddedServers) -> AsyncIterator[Peers]:
    bus = Bus("peers", Settings.model_validate(servers.settings("gateway") | {"nats_url": servers.nats.url("admin")}))
    peers = Peers(MEDIA, OBJECTS, bus)
    bus.broker.include_router(peers.router())
    await bus.broker.connect()
    await bus.broker.start()
    await bus.objects.put(source_key("p", "m2"), IMAGE)
    yield peers
    await bus.broker.stop()
    await bus.objects.close()


@asynccontextmanager
async def running(servers: EmbeddedServers, log: Path, **more: str) -> AsyncIterator[Process]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "uvicorn", "--factory", "export.app:create", "--port", str(port)]
    with log.open("ab") as written:
        process = await asyncio.create_subprocess_exec(
            *command, env=os.environ | servers.environment("export") | more, stderr=written, stdout=written
        )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
        await asyncio.wait_for(process.wait(), 30)


def asked(**more: Any) -> questions.StartExport:
    given: dict[str, Any] = {"project_id": "p", "name": "x", "format": "COCO 1.0", "author": "ada"}
    return questions.StartExport(**{"export_id": new_id(), **given, **more})


async def start(bus: Bus, question: questions.StartExport) -> questions.Export:
    """Start an export, once the service is there."""
    async with asyncio.timeout(30):
        while True:
            try:
                return await bus.ask(question)
            except Problem as problem:
                if problem.kind != ErrorKind.UNAVAILABLE:
                    raise
                await asyncio.sleep(0.2)


async def until(
    bus: Bus, export_id: str, *states: str, progress: float = 0.0, within_s: float = 60
) -> questions.Export:
    async with asyncio.timeout(within_s):
        while True:
            found = await bus.ask(questions.GetExport(export_id=export_id))
            if found.state in states and found.progress >= progress:
                return found
            await asyncio.sleep(0.1)


async def published(servers: EmbeddedServers, export_id: str) -> list[ExportReady]:
    client = await nats.connect(servers.nats.url("admin"))
    subscription = await client.jetstream().subscribe(ExportReady.pattern(), ordered_consumer=True)
    found: list[ExportReady] = []
    while True:
        try:
            found.append(ExportReady.model_validate_json((await subscription.next_msg(timeout=1)).data))
        except TimeoutError:
            await client.close()
            return [ready for ready in found if ready.export_id == export_id]


def left(bus: Bus, export_id: str) -> list[str]:
    """What there is in S3 of an export."""
    key = archive_key("p", export_id)
    objects = bus.objects._minio.list_objects(bus.objects.bucket, prefix="p/", recursive=True)
    names = [str(found.object_name) for found in objects]
    return [name for name in names if name == key or "/snapshots/" in name] + bus.objects.list_multiparts(key)


async def test_an_export_streams_into_one_archive_and_is_published_once(
    servers: EmbeddedServers, peers: Peers, tmp_path: Path
) -> None:
    bus = peers.bus
    async with running(servers, tmp_path / "log"):
        question = asked(save_images=True)
        await start(bus, question)
        await start(bus, question)
        done = await until(bus, question.export_id, "done", "failed")
        listed = await bus.ask(questions.ListExports(project_id="p", page=questions.PageRequest(limit=1)))

    assert done.state == "done", done
    archive = await bus.objects.get(archive_key("p", question.export_id))
    assert (done.size_bytes, done.sha256) == (len(archive), hashlib.sha256(archive).hexdigest())
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        assert opened.testzip() is None
        assert len(opened.namelist()) == 802
        assert opened.read("images/default/0.jpg") == IMAGE
    assert listed.items == [done]
    assert left(bus, question.export_id) == [archive_key("p", question.export_id)]
    assert len(await published(servers, question.export_id)) == 1


async def test_a_cancelled_export_leaves_nothing(servers: EmbeddedServers, peers: Peers, tmp_path: Path) -> None:
    bus, question = peers.bus, asked(save_images=True)
    peers.gate.clear()
    async with running(servers, tmp_path / "log"):
        await start(bus, question)
        await until(bus, question.export_id, "running", progress=0.2)
        cancelled = await bus.ask(questions.CancelExport(export_id=question.export_id))
        peers.gate.set()
        async with asyncio.timeout(20):
            while left(bus, question.export_id):
                await asyncio.sleep(0.2)

    assert cancelled.state == "cancelled"
    assert await published(servers, question.export_id) == []


async def test_a_killed_export_is_written_again(servers: EmbeddedServers, peers: Peers, tmp_path: Path) -> None:
    bus, complete, killed = peers.bus, asked(save_images=True), asked(save_images=True)
    async with running(servers, tmp_path / "log"):
        await start(bus, complete)
        undisturbed = await until(bus, complete.export_id, "done", "failed")
    peers.gate.clear()
    async with running(servers, tmp_path / "log") as process:
        await start(bus, killed)
        await until(bus, killed.export_id, "running", progress=0.2)
        process.send_signal(signal.SIGKILL)
        await process.wait()
    begun = bus.objects.list_multiparts(archive_key("p", killed.export_id))
    peers.gate.set()
    async with running(servers, tmp_path / "log"):
        await start(bus, killed)
        done = await until(bus, killed.export_id, "done", "failed", within_s=90)

    assert len(begun) == 1
    assert done.sha256 == undisturbed.sha256
    assert left(bus, killed.export_id) == [archive_key("p", killed.export_id)]
    assert len(await published(servers, killed.export_id)) == 1


async def test_the_keys_to_an_external_bucket_are_never_stored_in_clear(
    servers: EmbeddedServers, peers: Peers, tmp_path: Path
) -> None:
    bus, log = peers.bus, tmp_path / "log"
    bucket = servers.s3.url.partition("@")[2]
    keys = servers.credentials.s3_access_key, servers.credentials.s3_secret_key
    endpoint = f"http://{bucket.partition('/')[0]}"
    target = questions.S3Target(
        endpoint=endpoint, bucket=bus.objects.bucket, folder="external", access_key=keys[0], secret_key=keys[1]
    )
    question = asked(save_images=True, target=target)
    documents = database(Settings.model_validate(servers.settings("export"))).exports
    allowed = {"TRACKLANE_S3_TARGETS_ALLOWED": endpoint.removeprefix("http://"), "TRACKLANE_LOG_LEVEL": "DEBUG"}
    peers.gate.clear()
    async with running(servers, log, **allowed):
        await start(bus, question)
        await until(bus, question.export_id, "running", progress=0.2)
        meanwhile = await documents.find_one({"_id": question.export_id})
        peers.gate.set()
        done = await until(bus, question.export_id, "done", "failed")
        async with asyncio.timeout(20):
            while "sealed" in (afterwards := await documents.find_one({"_id": question.export_id}) or {}):
                await asyncio.sleep(0.1)

    archive = await bus.objects.get("external/x.zip")
    assert (done.state, done.sha256) == ("done", hashlib.sha256(archive).hexdigest()), done
    assert meanwhile is not None
    assert meanwhile["sealed"]
    seen = repr(meanwhile) + repr(afterwards) + done.model_dump_json() + log.read_text()
    assert not [key for key in keys if key in seen]
    assert await published(servers, question.export_id) == []


async def test_a_target_inside_the_cluster_is_refused_unless_it_is_allowed(
    servers: EmbeddedServers, peers: Peers, tmp_path: Path
) -> None:
    endpoints = [f"http://{name}:{servers.s3.ports[0].number}" for name in ("127.0.0.1", "localhost", "2130706433")]
    async with running(servers, tmp_path / "log"):
        ended: list[str] = []
        for address in endpoints:
            target = questions.S3Target(endpoint=address, bucket="tracklane", access_key="a", secret_key="s")
            question = asked(target=target)
            try:
                await start(peers.bus, question)
            except Problem as problem:
                ended.extend(error.reason.code for error in problem.errors)
            else:
                reason = (await until(peers.bus, question.export_id, "done", "failed")).reason
                ended.append(reason.code if reason else "")

    assert ended == ["external_address_not_public"] * len(endpoints)
