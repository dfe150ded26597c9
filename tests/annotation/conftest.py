"""Real servers and the stores on them."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any

import nats
import pytest

from annotation.clips.repository import ClipStore
from annotation.domain.batch import Batch
from annotation.history.repository import HistoryStore
from annotation.history.service import Operations
from annotation.indexes import MIGRATIONS
from annotation.media.repository import MediaStore
from annotation.media_labels.service import MediaLabels
from annotation.missions.reclassify import Moving
from annotation.missions.repository import MissionStore
from annotation.missions.service import MissionChanges
from annotation.objects.by_class import Uses
from annotation.objects.repository import LabelStore
from annotation.outbox.changes import Outbox
from annotation.outbox.events import Tellings
from annotation.sessions.repository import SessionStore
from annotation.snapshots.repository import SnapshotStore
from annotation.statistics.repository import StatisticsStore
from annotation.suggestions.repository import SuggestionStore
from annotation.suggestions.service import Reviews
from common.contract.edits import Create, Edit, EditResult, PutKeyframe
from common.contract.labels import Keyframe
from common.messaging import topology
from common.service.ids import new_id
from common.service.settings import Settings
from common.storage.mongo import Database, database, migrate
from common.storage.objects import Objects
from deploy.local.servers import EmbeddedServers, embedded_servers
from tests import scans


@pytest.fixture(scope="session")
async def servers(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[EmbeddedServers]:
    async with embedded_servers(tmp_path_factory.mktemp("annotation")) as servers:
        client = await nats.connect(servers.nats.url("admin"))
        await topology.reconcile(client.jetstream())
        await client.close()
        yield servers


@pytest.fixture(scope="session")
async def settings(servers: EmbeddedServers) -> Settings:
    return Settings.model_validate(servers.settings("annotation"))


@pytest.fixture(scope="session")
async def mongo(settings: Settings) -> Database:
    found = database(settings)
    await migrate(found, MIGRATIONS)
    return found


@pytest.fixture
def no_scan(mongo: Database) -> Callable[[], AbstractAsyncContextManager[set[str]]]:
    """`async with no_scan() as asked:` fails where something within looks at a whole collection."""
    return lambda: scans.no_scan(mongo)


@dataclass(frozen=True)
class Stores:
    """All stores of the service."""

    mongo: Any
    objects: Objects
    media: MediaStore
    labels: LabelStore
    clips: ClipStore
    missions: MissionStore
    suggestions: SuggestionStore
    snapshots: SnapshotStore
    outbox: Outbox
    history: HistoryStore
    operations: Operations
    statistics: StatisticsStore
    tellings: Tellings


@pytest.fixture(scope="session")
async def stores(mongo: Database, settings: Settings) -> AsyncIterator[Stores]:
    objects = Objects(settings.s3_url)
    media = MediaStore(mongo, objects)
    tellings = Tellings(mongo)
    missions = MissionStore(mongo, tellings)
    labels = LabelStore(mongo, media)
    history = HistoryStore(mongo)
    yield Stores(
        mongo=mongo,
        objects=objects,
        media=media,
        labels=labels,
        clips=ClipStore(mongo),
        missions=missions,
        suggestions=SuggestionStore(mongo, tellings),
        snapshots=SnapshotStore(mongo, objects, missions),
        outbox=Outbox(mongo, objects),
        history=history,
        operations=Operations(labels, history),
        statistics=StatisticsStore(mongo),
        tellings=tellings,
    )
    await objects.close()


@dataclass(frozen=True)
class Work:
    """The stores of all that surrounds objects; here names must be known to the project's missions."""

    labels: LabelStore
    media_labels: MediaLabels
    changes: MissionChanges
    reviews: Reviews
    uses: Uses

    @staticmethod
    def at(stores: Stores, clock: Callable[[], float]) -> SessionStore:
        """Work sessions by a clock of the test's own."""
        return SessionStore(stores.mongo, clock)


@pytest.fixture(scope="session")
async def work(mongo: Database, stores: Stores) -> Work:
    labels = LabelStore(mongo, stores.media, stores.missions)
    media_labels = MediaLabels(mongo, labels, stores.media)
    return Work(
        labels=labels,
        media_labels=media_labels,
        changes=MissionChanges(mongo, stores.missions, Moving(mongo, labels, media_labels)),
        reviews=Reviews(mongo, stores.suggestions, labels, stores.media, stores.missions),
        uses=Uses(mongo),
    )


@dataclass(frozen=True)
class Medium:
    """A medium of its own for one test, with short words for what the tests do to it."""

    project_id: str
    media_id: str
    stores: Stores

    def batch(self, *edits: Edit, author: str = "ada", **more: Any) -> Batch:
        return Batch(self.project_id, self.media_id, edits, author, **more)

    async def apply(self, *edits: Edit, **more: Any) -> list[EditResult]:
        return await self.stores.labels.apply(self.batch(*edits, **more))

    async def made(self, *keyframes: Keyframe, **more: Any) -> str:
        edit = create(new_id("o"), *keyframes, **more)
        assert [result.status for result in await self.apply(edit)] == ["applied"]
        return edit.object


@pytest.fixture
async def medium(stores: Stores) -> Medium:
    found = Medium(new_id("p"), new_id("m"), stores)
    await stores.media.plan(found.project_id, found.media_id, 4000)
    return found


def keyframe(frame: int, x1: float = 0.0, *, outside: bool = False) -> Keyframe:
    return Keyframe.model_validate(
        {"frame": frame, "geometry": {"kind": "bbox", "x1": x1, "y1": 0, "x2": x1 + 10, "y2": 10}, "outside": outside}
    )


def create(object_id: str, *keyframes: Keyframe, **more: Any) -> Create:
    given = {"id": new_id("e"), "object": object_id, "base_revision": 0, "mission": "M", "category": "Car"}
    return Create.model_validate(given | {"keyframes": list(keyframes) or [keyframe(0)]} | more)


def move(object_id: str, base: int, frame: int, x1: float = 1.0) -> PutKeyframe:
    return PutKeyframe(id=new_id("e"), object=object_id, base_revision=base, keyframe=keyframe(frame, x1))


def batch(project_id: str, media_id: str, *edits: Edit, author: str = "ada", **more: Any) -> Batch:
    return Batch(project_id, media_id, edits, author, **more)


@dataclass(frozen=True)
class Edits:
    """How tests make edits."""

    keyframe = staticmethod(keyframe)
    create = staticmethod(create)
    move = staticmethod(move)
    batch = staticmethod(batch)


@pytest.fixture(scope="session")
def edits() -> Edits:
    return Edits()
