"""Dataset versions on real servers: immutable, also after labels and files have changed."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Any, cast

import pytest

from common.contract import questions
from common.contract.errors import Problem
from common.contract.events import Event, VersionChanged, VersionPublished, WriteExport
from common.contract.labels import ObjectState
from common.messaging.bus import SerializedEvent
from common.messaging.outbox import Outbox
from common.service.ids import new_id
from common.service.settings import Settings
from common.storage.mongo import database
from common.storage.objects import Objects
from deploy.local.servers import EmbeddedServers, embedded_servers
from export.dataset.media import export_medium
from export.exporting.repository import ExportRepository
from export.versions.difference import Contents, differences
from export.versions.repository import VersionRepository, create_version_indexes
from export.versions.service import VersionService
from tests.export.fakes import FakeBus, InMemoryObjects, service
from tests.export.made import DETECTION, keyframe, labeled, medium

MEDIA = [medium("m1", "a.mp4", 10, sha256="a" * 64), medium("m2", "b.jpg"), medium("m3", "c.jpg")]
OBJECTS = [labeled("o1"), labeled("o2", media_id="m2"), labeled("o3", media_id="m3")]


def lines(objects: list[ObjectState]) -> Iterator[bytes]:
    return (found.model_dump_json().encode() for found in sorted(objects, key=lambda found: found.media_id))


def test_contents_are_read_back_and_do_not_depend_on_the_order_of_media() -> None:
    contents = Contents([DETECTION], [export_medium(each) for each in MEDIA])

    read = Contents.read(line.rstrip(b"\n") for line in contents.lines())

    assert list(read.missions) == [DETECTION]
    assert list(read.media) == list(contents.media)
    assert [*Contents([DETECTION], contents.media[::-1]).lines()] == [*contents.lines()]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (OBJECTS, OBJECTS, []),
        ([], OBJECTS, [("added", "m1", "o1"), ("added", "m2", "o2"), ("added", "m3", "o3")]),
        (OBJECTS, OBJECTS[1:2], [("removed", "m1", "o1"), ("removed", "m3", "o3")]),
        (OBJECTS[:1], [labeled("o1", revision=9, author="eve", created_at=5.0)], []),
        (OBJECTS[:1], [labeled("o1", keyframe(1))], [("changed", "m1", "o1")]),
        (OBJECTS[:1], [labeled("o1", deleted=True)], [("removed", "m1", "o1")]),
        (
            OBJECTS[:1],
            [labeled("o4"), labeled("o5", media_id="m0")],
            [("added", "m0", "o5"), ("removed", "m1", "o1"), ("added", "m1", "o4")],
        ),
    ],
)
def test_differences_are_found_by_content(
    before: list[ObjectState], after: list[ObjectState], expected: list[Any]
) -> None:
    assert list(differences(lines(before), lines(after))) == expected


@dataclass
class Project:
    """A project with its own labels, on real servers."""

    id: str
    objects: Objects
    bus: "RealBus"
    versions: VersionRepository
    exports: ExportRepository

    @property
    def service(self) -> VersionService:
        return VersionService(self.versions, self.bus, self.bus)

    async def publish(self, **more: Any) -> questions.DatasetVersion:
        asked = questions.PublishVersion(**{"version_id": new_id(), "project_id": self.id, "author": "ada"} | more)
        return await self.service.publish(asked)

    async def archive(self, **more: Any) -> bytes:
        given = {"export_id": new_id(), "project_id": self.id, "name": "x", "format": "COCO 1.0", "author": "ada"}
        asked = questions.StartExport(**given | more)
        exports = service(self.exports, self.bus, versions=self.versions)
        await exports.start(asked)
        await exports.write(WriteExport(project_id=self.id, export_id=asked.export_id))
        done = await self.exports.find(asked.export_id)
        assert done is not None
        assert done.export.state == "done", done.export.reason
        return await self.objects.get(done.key)


class RealBus(FakeBus):
    """Answers from memory, with its files in a real S3."""

    def __init__(self, objects: Objects) -> None:
        super().__init__(MEDIA, OBJECTS)
        self.memory, self.real = self.objects, objects
        # The services under test use the real S3; the fake's own answers are moved there.
        self.objects = cast("InMemoryObjects", objects)

    async def publish(self, *events: Event | SerializedEvent) -> None:
        self.published += [event for event in events if isinstance(event, Event)]

    async def ask(self, question: Any) -> Any:
        self.objects = self.memory
        try:
            found = await super().ask(question)
        finally:
            self.objects = cast("InMemoryObjects", self.real)
        if key := getattr(found, "object_key", None):
            await asyncio.to_thread(self.real.put_sync, key, self.memory.stored.pop(key))
        return found


@pytest.fixture(scope="module")
async def servers(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[EmbeddedServers]:
    async with embedded_servers(tmp_path_factory.mktemp("versions")) as servers:
        yield servers


@pytest.fixture
async def project(servers: EmbeddedServers) -> Project:
    mongo = database(Settings.model_validate(servers.settings("export")))
    await create_version_indexes(mongo)
    objects = Objects(servers.s3.url)
    return Project(new_id(), objects, RealBus(objects), VersionRepository(mongo, objects), ExportRepository(mongo))


@pytest.mark.servers
async def test_versions_are_numbered_and_the_latest_is_current_until_another_is_made_current(
    project: Project,
) -> None:
    first = await project.publish()
    second = await project.publish(media=["m1", "m2"])
    again = await project.publish(version_id=first.id)
    restored = await project.service.make_current(first.id)
    listed = await project.versions.page(project.id, questions.PageRequest())
    page = await project.versions.page(project.id, questions.PageRequest(limit=1))
    rest = await project.versions.page(project.id, questions.PageRequest(limit=1, cursor=page.next_cursor))

    assert (first.name, first.media, first.objects, first.is_current) == ("V001", 3, 3, True)
    assert (second.name, second.media, second.is_current) == ("V002", 2, True)
    assert (again.name, again.sha256, again.is_current) == ("V001", first.sha256, False)
    assert restored.is_current
    assert [(version.name, version.is_current) for version in listed.items] == [("V002", False), ("V001", True)]
    assert [version.name for version in page.items + rest.items] == ["V002", "V001"]
    assert rest.next_cursor is None


@pytest.mark.servers
async def test_versions_published_at_the_same_time_have_different_numbers(project: Project) -> None:
    published = await asyncio.gather(*(project.publish() for _ in range(5)))

    assert sorted(version.number for version in published) == [1, 2, 3, 4, 5]
    assert len({version.sha256 for version in published}) == 1


@pytest.mark.servers
async def test_the_export_of_a_version_does_not_change(project: Project) -> None:
    version = await project.publish(split=questions.SubsetSplit(train=0.6, val=0.4, test=0))
    before = await project.archive(version=version.id)

    project.bus.labels = [labeled("o9")]
    project.bus.media = [medium("m1", "renamed.mp4", 3)]
    after = await project.archive(version=version.id)
    now = await project.archive()
    part = await project.archive(version=version.id, media=["m2", "gone"])

    assert after == before
    assert now != before
    assert b"instances_train" in before
    assert b"instances_val" in before
    assert len(part) < len(before)
    assert (await project.service.get(version.id)).exports == 3


@pytest.mark.servers
async def test_two_versions_are_compared(project: Project) -> None:
    first = await project.publish()
    project.bus.labels = [labeled("o1", keyframe(5)), labeled("o2", media_id="m2"), labeled("o7")]
    project.bus.media = [*MEDIA[:2], medium("m4", "d.jpg")]
    second = await project.publish()

    found = await project.service.compare(second.id, first.id)
    same = await project.service.compare(second.id, second.id)

    assert (found.added, found.removed, found.changed) == (1, 1, 1)
    assert (found.media_added, found.media_removed) == (["m4"], ["m3"])
    assert {change.object_id: change.change for change in found.objects} == {
        "o1": "changed",
        "o7": "added",
        "o3": "removed",
    }
    assert (same.added, same.removed, same.changed, same.objects) == (0, 0, 0, [])
    assert first.sha256 != second.sha256


@pytest.mark.servers
async def test_a_deleted_version_is_not_listed_and_its_number_is_not_reused(project: Project) -> None:
    first, second = await project.publish(), await project.publish()

    gone = await project.service.delete(second.id)
    listed = await project.versions.page(project.id, questions.PageRequest())
    third = await project.publish()

    assert gone.id == second.id
    assert [(version.id, version.is_current) for version in listed.items] == [(first.id, True)]
    assert third.name == "V003"
    with pytest.raises(Problem, match="version_not_found"):
        await project.service.get(second.id)
    with pytest.raises(Problem, match="export_version_unknown"):
        await project.archive(version=second.id)
    with pytest.raises(Problem, match="version_deleted"):
        await project.publish(version_id=second.id)


@pytest.mark.servers
async def test_versions_of_another_project_are_not_found(project: Project) -> None:
    version = await project.publish()
    other = Project(new_id(), project.objects, project.bus, project.versions, project.exports)
    foreign = await other.publish()

    with pytest.raises(Problem, match="export_version_unknown"):
        await other.archive(version=version.id)
    with pytest.raises(Problem, match="version_not_found"):
        await project.service.compare(version.id, foreign.id)


@pytest.mark.servers
async def test_an_empty_version_is_refused(project: Project) -> None:
    with pytest.raises(Problem, match="version_no_files"):
        await project.publish(media=["gone"])
    with pytest.raises(Problem, match="split_empty"):
        await project.publish(split=questions.SubsetSplit(train=0, val=0, test=0))


@pytest.mark.servers
async def test_changes_of_a_version_are_published_once(project: Project) -> None:
    version = await project.publish()
    await project.publish(version_id=version.id)
    await project.service.make_current(version.id)
    await project.service.delete(version.id)

    published, current, deleted = (
        event for event in project.bus.published if isinstance(event, VersionPublished | VersionChanged)
    )
    assert isinstance(published, VersionPublished)
    assert (published.name, published.objects, published.sha256) == ("V001", 3, version.sha256)
    assert isinstance(current, VersionChanged)
    assert (current.revision, current.is_current, current.deleted) == (2, True, False)
    assert isinstance(deleted, VersionChanged)
    assert (deleted.revision, deleted.is_current, deleted.deleted) == (3, False, True)


class KilledPublisher:
    """A process that is killed before it publishes."""

    async def publish(self, *events: Event | SerializedEvent) -> None:
        raise ConnectionError("killed")


@pytest.mark.servers
async def test_facts_of_a_killed_process_are_published_by_another(project: Project) -> None:
    killed = VersionService(project.versions, project.bus, KilledPublisher())
    version_id = new_id()
    with pytest.raises(ConnectionError):
        await killed.publish(questions.PublishVersion(version_id=version_id, project_id=project.id, author="ada"))
    with pytest.raises(ConnectionError):
        await killed.make_current(version_id)

    outbox = Outbox(project.versions, project.bus, clock=lambda: time.time() + 100)
    assert await outbox.publish_pending() == 1

    assert [type(event) for event in project.bus.published] == [VersionPublished, VersionChanged]
    assert await outbox.publish_pending() == 0


@pytest.mark.servers
async def test_versions_are_found_by_file(project: Project) -> None:
    complete = await project.publish()
    await project.publish(media=["m2"])

    having = await project.versions.page(project.id, questions.PageRequest(), ["m1"])
    none = await project.versions.page(project.id, questions.PageRequest(), ["gone"])
    await project.service.delete(complete.id)
    left = await project.versions.page(project.id, questions.PageRequest(), ["m1", "m2"])

    assert [version.name for version in having.items] == ["V001"]
    assert none.items == []
    assert [version.name for version in left.items] == ["V002"]
