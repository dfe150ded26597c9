"""Dataset versions on real servers: what was published stays as it was, whatever becomes of labels and files."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from motor.motor_asyncio import AsyncIOMotorClient

from common.contract import questions
from common.contract.errors import Problem
from common.contract.events import Event, VersionChanged, VersionPublished, WriteExport
from common.contract.labels import ObjectState
from common.messaging.bus import SerializedEvent
from common.messaging.outbox import Outbox
from common.service.ids import new_id
from common.storage.objects import Objects
from deploy.local.servers import EmbeddedServers, embedded_servers
from export.dataset.media import export_medium
from export.exporting.repository import ExportRepository
from export.versions.difference import Contents, differences
from export.versions.repository import VersionRepository, create_version_indexes
from export.versions.service import VersionService
from tests.export.fakes import FakeBus, service
from tests.export.made import DETECTION, keyframe, labeled, medium

MEDIA = [medium("m1", "a.mp4", 10, sha256="a" * 64), medium("m2", "b.jpg"), medium("m3", "c.jpg")]
OBJECTS = [labeled("o1"), labeled("o2", media_id="m2"), labeled("o3", media_id="m3")]


def lines(objects: list[ObjectState]) -> Iterator[bytes]:
    return (found.model_dump_json().encode() for found in sorted(objects, key=lambda found: found.media_id))


def test_contents_are_read_as_they_were_written_and_written_alike_whatever_their_order() -> None:
    contents = Contents([DETECTION], [export_medium(one) for one in MEDIA])

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
def test_differences_are_of_what_objects_are(
    before: list[ObjectState], after: list[ObjectState], expected: list[Any]
) -> None:
    assert list(differences(lines(before), lines(after))) == expected


@dataclass
class Project:
    """A project with its own labels, on real servers."""

    id: str
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
        return self.bus.objects.get_sync(done.key)


class RealBus(FakeBus):
    """Answers from memory, with its files in a real S3."""

    def __init__(self, objects: Objects) -> None:
        super().__init__(MEDIA, OBJECTS)
        self.memory, self.objects = self.objects, objects  # type: ignore[assignment]

    async def ask(self, question: Any) -> Any:
        real, self.objects = self.objects, self.memory  # type: ignore[has-type]
        try:
            found = await super().ask(question)
        finally:
            self.objects = real
        if key := getattr(found, "object_key", None):
            await asyncio.to_thread(self.objects.put_sync, key, self.memory.stored.pop(key))
        return found


@pytest.fixture(scope="module")
async def servers(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[EmbeddedServers]:
    async with embedded_servers(tmp_path_factory.mktemp("versions")) as servers:
        yield servers


@pytest.fixture
async def project(servers: EmbeddedServers) -> Project:
    database = AsyncIOMotorClient(servers.mongo.url("export")).get_default_database()
    await create_version_indexes(database)
    objects = Objects(servers.s3.url)
    return Project(new_id(), RealBus(objects), VersionRepository(database, objects), ExportRepository(database))


@pytest.mark.servers
async def test_versions_are_numbered_and_the_last_one_published_is_current_until_another_is_made_so(
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
    assert [(one.name, one.is_current) for one in listed.items] == [("V002", False), ("V001", True)]
    assert [one.name for one in page.items + rest.items] == ["V002", "V001"]
    assert rest.next_cursor is None


@pytest.mark.servers
async def test_published_at_the_same_time_each_gets_its_own_number(project: Project) -> None:
    published = await asyncio.gather(*(project.publish() for _ in range(5)))

    assert sorted(one.number for one in published) == [1, 2, 3, 4, 5]
    assert len({one.sha256 for one in published}) == 1


@pytest.mark.servers
async def test_a_version_is_exported_alike_after_labels_and_files_have_changed(project: Project) -> None:
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
    assert {one.object_id: one.change for one in found.objects} == {"o1": "changed", "o7": "added", "o3": "removed"}
    assert (same.added, same.removed, same.changed, same.objects) == (0, 0, 0, [])
    assert first.sha256 != second.sha256


@pytest.mark.servers
async def test_a_deleted_version_is_off_the_list_and_its_number_is_not_given_again(project: Project) -> None:
    first, second = await project.publish(), await project.publish()

    gone = await project.service.delete(second.id)
    listed = await project.versions.page(project.id, questions.PageRequest())
    third = await project.publish()

    assert gone.id == second.id
    assert [(one.id, one.is_current) for one in listed.items] == [(first.id, True)]
    assert third.name == "V003"
    with pytest.raises(Problem, match="version_not_found"):
        await project.service.get(second.id)
    with pytest.raises(Problem, match="export_version_unknown"):
        await project.archive(version=second.id)
    with pytest.raises(Problem, match="version_deleted"):
        await project.publish(version_id=second.id)


@pytest.mark.servers
async def test_another_projects_version_is_not_exported_nor_compared(project: Project) -> None:
    version = await project.publish()
    other = Project(new_id(), project.bus, project.versions, project.exports)
    theirs = await other.publish()

    with pytest.raises(Problem, match="export_version_unknown"):
        await other.archive(version=version.id)
    with pytest.raises(Problem, match="version_not_found"):
        await project.service.compare(version.id, theirs.id)


@pytest.mark.servers
async def test_nothing_to_publish_is_refused(project: Project) -> None:
    with pytest.raises(Problem, match="version_no_files"):
        await project.publish(media=["gone"])
    with pytest.raises(Problem, match="split_empty"):
        await project.publish(split=questions.SubsetSplit(train=0, val=0, test=0))


@pytest.mark.servers
async def test_what_becomes_of_a_version_is_told_once(project: Project) -> None:
    version = await project.publish()
    await project.publish(version_id=version.id)
    await project.service.make_current(version.id)
    await project.service.delete(version.id)

    published, current, deleted = (
        one for one in project.bus.published if isinstance(one, VersionPublished | VersionChanged)
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
async def test_facts_of_a_killed_process_are_published_by_another_one(project: Project) -> None:
    killed = VersionService(project.versions, project.bus, KilledPublisher())
    version_id = new_id()
    with pytest.raises(ConnectionError):
        await killed.publish(questions.PublishVersion(version_id=version_id, project_id=project.id, author="ada"))
    with pytest.raises(ConnectionError):
        await killed.make_current(version_id)

    outbox = Outbox(project.versions, project.bus, clock=lambda: time.time() + 100)
    assert await outbox.publish_pending() == 1

    assert [type(one) for one in project.bus.published] == [VersionPublished, VersionChanged]
    assert await outbox.publish_pending() == 0


@pytest.mark.servers
async def test_the_versions_that_have_a_file_are_found(project: Project) -> None:
    both = await project.publish()
    await project.publish(media=["m2"])

    having = await project.versions.page(project.id, questions.PageRequest(), ["m1"])
    none = await project.versions.page(project.id, questions.PageRequest(), ["gone"])
    await project.service.delete(both.id)
    left = await project.versions.page(project.id, questions.PageRequest(), ["m1", "m2"])

    assert [one.name for one in having.items] == ["V001"]
    assert none.items == []
    assert [one.name for one in left.items] == ["V002"]
