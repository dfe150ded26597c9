"""Inference on real servers; ingest, frames and annotation are fakes."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import numpy as np
import pytest
from faststream.nats import NatsRouter

from common.contract.errors import Problem
from common.contract.questions import ClipList, ListClips, ListMedia, ListModels, MediaList, ObjectList, ReadObjects
from common.messaging.bus import Bus
from common.messaging.handlers import request_handler
from common.service.app import service
from common.service.settings import Settings
from common.storage.mongo import database
from deploy.local.servers import EmbeddedServers
from inference import app
from inference.runs.repository import RunRepository
from tests.inference.conftest import Film
from tests.inference.service.world import World, add_medium
from tests.servers import servers_with_streams


@pytest.fixture(scope="module")
async def servers(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[EmbeddedServers]:
    async with servers_with_streams(tmp_path_factory.mktemp("inference")) as servers:
        yield servers


@pytest.fixture(scope="module")
def world() -> World:
    return World()


@pytest.fixture(scope="module")
async def peers(servers: EmbeddedServers, world: World) -> AsyncIterator[Bus]:
    """Ingest, frames and annotation; the bus is ingest's."""
    router, frames_router, annotation_router = NatsRouter(), NatsRouter(), NatsRouter()

    @router.subscriber(**request_handler(ListMedia))
    async def list_media(question: ListMedia) -> MediaList:
        found = [world.media[media_id] for media_id in question.media or [] if media_id in world.media]
        return MediaList(items=[medium for medium in found if medium.project_id == question.project_id])

    @frames_router.subscriber(**request_handler(ListClips))
    async def list_clips(question: ListClips) -> ClipList:
        return ClipList(clips=world.clips.get(question.media_id, []))

    @annotation_router.subscriber(**request_handler(ReadObjects))
    async def read_objects(question: ReadObjects) -> ObjectList:
        return ObjectList(objects=world.objects.get(question.media_id, []))

    async with AsyncExitStack() as stack:
        buses = {}
        for name, peer in (("ingest", router), ("frames", frames_router), ("annotation", annotation_router)):
            buses[name] = Bus(name, Settings.model_validate({**servers.settings(name), "log_json": False}))
            shell = service(buses[name], peer)
            await stack.enter_async_context(shell.router.lifespan_context(shell))
        yield buses["ingest"]


@pytest.fixture(scope="module")
async def running(servers: EmbeddedServers, peers: Bus) -> AsyncIterator[None]:
    """Two inference services."""
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
    bus = Bus("gateway", Settings.model_validate({**servers.settings("gateway"), "log_json": False}))
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
async def store(servers: EmbeddedServers, running: None) -> RunRepository:
    return RunRepository(database(Settings.model_validate(servers.settings("inference"))))


@pytest.fixture
async def street(asker: Bus, world: World, film: Film, walk: list[np.ndarray]) -> str:
    """A medium with one clip of a walking person."""
    return await add_medium(asker, world, film, walk)
