"""Real servers, and the repositories and services on them."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from annotation import app as annotation_app
from annotation.clips.counter import ClipCounter
from annotation.clips.repository import ClipRepository
from annotation.domain.batch import Batch
from annotation.history.repository import HistoryRepository
from annotation.indexes import MIGRATIONS
from annotation.media.repository import MediaRepository
from annotation.media_labels.repository import MediaLabelRepository
from annotation.media_labels.service import MediaLabelService
from annotation.missions.ontologies import OntologyService
from annotation.missions.reclassification import ReclassificationService
from annotation.missions.repository import MissionRepository
from annotation.missions.service import MissionService
from annotation.objects.batch_repository import BatchRepository
from annotation.objects.by_class import ObjectsByClass
from annotation.objects.repository import ObjectRepository
from annotation.objects.service import EditService
from annotation.operations.service import OperationService
from annotation.outbox.changes import ChangeRepository
from annotation.outbox.events import EventRepository
from annotation.sessions.labeling_time import LabelingTimeRepository
from annotation.sessions.repository import SessionRepository
from annotation.sessions.service import SessionService
from annotation.snapshots.repository import SnapshotRepository
from annotation.snapshots.service import SnapshotService
from annotation.statistics.repository import StatisticsRepository
from annotation.suggestions.repository import SuggestionRepository
from annotation.suggestions.service import ReviewService
from common.contract.edits import Create, Edit, EditResult, PutKeyframe
from common.contract.labels import Keyframe
from common.service.ids import new_id
from common.service.settings import Settings
from common.storage.mongo import Database, database, migrate
from common.storage.objects import Objects
from deploy.local.servers import EmbeddedServers
from tests import scans
from tests.servers import servers_with_streams


@pytest.fixture(scope="session")
async def servers(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[EmbeddedServers]:
    async with servers_with_streams(tmp_path_factory.mktemp("annotation")) as servers:
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
    """`async with no_scan() as queries:` fails if a query in the block scans a collection."""
    return lambda: scans.no_scan(mongo)


def do_nothing() -> None:
    """Replaces `wake` of an outbox that does not run."""


@dataclass(frozen=True)
class Stores:
    """The repositories and services on real servers; names are not checked against missions."""

    mongo: Any
    s3: Objects
    media: MediaRepository
    objects: ObjectRepository
    editing: EditService
    clips: ClipRepository
    ontologies: OntologyService
    suggestions: SuggestionRepository
    snapshots: SnapshotService
    changes: ChangeRepository
    events: EventRepository
    history: HistoryRepository
    operations: OperationService
    statistics: StatisticsRepository

    def another_editor(self, *, with_ontology: bool = False) -> EditService:
        """The edit service of another replica."""
        ontologies = self.ontologies if with_ontology else None
        return EditService(BatchRepository(self.mongo), self.media, ontologies, do_nothing)

    def clip_counter(self, publisher: Any) -> ClipCounter:
        """A counter that publishes to `publisher`."""
        return ClipCounter(self.clips, self.media, publisher)


@pytest.fixture(scope="session")
async def stores(mongo: Database, settings: Settings) -> AsyncIterator[Stores]:
    s3 = Objects(settings.s3_url)
    media = MediaRepository(mongo, s3)
    clips = ClipRepository(mongo)
    events = EventRepository(mongo)
    ontologies = OntologyService(MissionRepository(mongo, events), do_nothing)
    objects = ObjectRepository(mongo)
    editing = EditService(BatchRepository(mongo), media, None, do_nothing)
    history = HistoryRepository(mongo)
    yield Stores(
        mongo=mongo,
        s3=s3,
        media=media,
        objects=objects,
        editing=editing,
        clips=clips,
        ontologies=ontologies,
        suggestions=SuggestionRepository(mongo, events),
        snapshots=SnapshotService(SnapshotRepository(mongo, history), s3, ontologies),
        changes=ChangeRepository(mongo, media, clips),
        events=events,
        history=history,
        operations=OperationService(editing, objects, history),
        statistics=StatisticsRepository(mongo),
    )
    await s3.close()


@dataclass(frozen=True)
class Work:
    """The services around objects, which check names against the missions of the project."""

    editing: EditService
    media_labels: MediaLabelService
    missions: MissionService
    reviews: ReviewService
    by_class: ObjectsByClass

    @staticmethod
    def sessions(stores: Stores, clock: Callable[[], float]) -> SessionService:
        """Work sessions with a clock controlled by the test."""
        return SessionService(SessionRepository(stores.mongo), LabelingTimeRepository(stores.mongo), clock)

    @staticmethod
    def labeling_time(stores: Stores) -> LabelingTimeRepository:
        """Labeling time."""
        return LabelingTimeRepository(stores.mongo)


@pytest.fixture(scope="session")
async def work(mongo: Database, stores: Stores) -> Work:
    editing = stores.another_editor(with_ontology=True)
    by_class = ObjectsByClass(mongo)
    media_labels = MediaLabelService(MediaLabelRepository(mongo), by_class, stores.media, editing)
    reclassification = ReclassificationService(by_class, editing, media_labels)
    return Work(
        editing=editing,
        media_labels=media_labels,
        missions=MissionService(MissionRepository(mongo, stores.events), stores.ontologies, by_class, reclassification),
        reviews=ReviewService(stores.suggestions, editing, stores.objects, stores.media, stores.ontologies, do_nothing),
        by_class=by_class,
    )


@dataclass(frozen=True)
class Medium:
    """A separate medium for one test, with shortcuts to edit it."""

    project_id: str
    media_id: str
    stores: Stores

    def batch(self, *edits: Edit, author: str = "ada", **more: Any) -> Batch:
        return Batch(self.project_id, self.media_id, edits, author, **more)

    async def apply(self, *edits: Edit, **more: Any) -> list[EditResult]:
        return await self.stores.editing.apply(self.batch(*edits, **more))

    async def made(self, *keyframes: Keyframe, **more: Any) -> str:
        edit = create(new_id("o"), *keyframes, **more)
        assert [result.status for result in await self.apply(edit)] == ["applied"]
        return edit.object


@pytest.fixture
async def medium(stores: Stores) -> Medium:
    found = Medium(new_id("p"), new_id("m"), stores)
    await stores.media.set_length(found.project_id, found.media_id, 4000)
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
    """Builders of edits."""

    keyframe = staticmethod(keyframe)
    create = staticmethod(create)
    move = staticmethod(move)
    batch = staticmethod(batch)


@pytest.fixture(scope="session")
def edits() -> Edits:
    return Edits()


@pytest.fixture(scope="module")
async def running(servers: EmbeddedServers) -> AsyncIterator[None]:
    """The annotation service, ready in this process."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in servers.environment("annotation").items():
            patch.setenv(name, value)
        app = annotation_app.create()
    async with app.router.lifespan_context(app):
        async with (
            asyncio.timeout(20),
            httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://annotation") as client,
        ):
            while (await client.get("/ready")).status_code != 200:
                await asyncio.sleep(0.05)
        yield
