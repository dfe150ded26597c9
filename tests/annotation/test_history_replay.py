"""The event stream is complete: reading it from the beginning gives the current labels and missions of a project."""

import asyncio
import os
import random
import signal
import sys
from pathlib import Path
from typing import Any

import nats
import pytest

from annotation.domain.batch import Batch
from annotation.objects.service import EditService
from annotation.outbox.publisher import OutboxPublisher
from common.contract.edits import (
    Create,
    Delete,
    Edit,
    Merge,
    Restore,
    Rules,
    SetAttributes,
    SetCategory,
    SetDone,
    Split,
)
from common.contract.events import AnnotationChanged, MissionChanged
from common.contract.labels import ObjectState
from common.contract.missions import Mission
from common.messaging.bus import Bus
from common.messaging.outbox import Outbox, Unpublished
from common.service.ids import new_id
from common.service.settings import Settings
from common.storage.objects import Objects
from deploy.local.servers import EmbeddedServers

pytestmark = pytest.mark.servers
PROGRAM = Path(__file__).with_name("killed_publisher.py")
AUTHORS = ("ada", "ben", "cy")
BATCHES = 35
MISSION = "Object Detection"


class Editor:
    """An editor that makes random edits of known objects."""

    def __init__(self, author: str, medium: Any, editing: EditService, edits: Any) -> None:
        self.rng = random.Random(author)
        self.author = author
        self.medium = medium
        self.editing = editing
        self.edits = edits
        self.seen: dict[str, ObjectState] = {}
        self.applied = 0

    async def work(self, batches: int) -> None:
        for number in range(batches):
            if number % 5 == 0:
                found = await self.medium.stores.objects.read(self.medium.project_id, self.medium.media_id)
                self.seen |= {one.id: one for one in found}
            edits = [self.edit() for _ in range(self.rng.choice((1, 2, 4)))]
            batch = Batch(
                self.medium.project_id, self.medium.media_id, edits, self.author, rules=Rules(sync_labels=True)
            )
            for result in await self.editing.apply(batch):
                self.applied += result.status == "applied"
                if result.object is not None:
                    self.seen[result.object.id] = result.object

    def edit(self) -> Edit:
        rng = self.rng
        objects = [one for one in self.seen.values() if one.annotation_type == "bbox"]
        if len(objects) < 3 or rng.random() < 0.15:
            frames = sorted(rng.sample(range(100), 3))
            keyframes = [self.edits.keyframe(frame, rng.uniform(0, 500)) for frame in frames]
            kind = {"mission": MISSION, "category": rng.choice(("Vehicle", "Pedestrian"))}
            return Create(id=new_id("e"), object=new_id("o"), base_revision=0, keyframes=keyframes, **kind)
        one, other = rng.sample(objects, 2)
        about = {"id": new_id("e"), "object": one.id, "base_revision": one.revision}
        choices: list[Edit] = [
            *[self.edits.move(one.id, one.revision, rng.randrange(100), rng.uniform(0, 500))] * 6,
            SetDone(**about, done=rng.random() < 0.5),
            SetCategory(**about, category="Bicycle"),
            SetAttributes(**about, attributes={"Occlusion": rng.choice(("None", "Heavy", None))}),
            Delete(**about),
            Restore(**about, revision=rng.randint(1, one.revision)),
            Split(**about, frame=one.keyframes[-1].frame, into=new_id("o")),
            Merge(**about, others=[{"object": other.id, "base_revision": other.revision}]),
        ]
        return rng.choice(choices)


class Reader:
    """A subscriber that only uses the events."""

    def __init__(self, objects: Objects) -> None:
        self.s3 = objects
        self.objects: dict[str, ObjectState] = {}
        self.missions: dict[str, Mission | None] = {}
        self.events = 0

    async def read(self, servers: EmbeddedServers, project_id: str) -> None:
        """All events of a project in the stream."""
        client = await nats.connect(servers.nats.url("admin"))
        stream = client.jetstream()
        subscription = await stream.subscribe(f"*.changed.v1.{project_id}", stream="ANNOTATION", ordered_consumer=True)
        try:
            while True:
                await self.take(await subscription.next_msg(timeout=1))
        except nats.errors.TimeoutError:
            return
        finally:
            await client.close()

    async def take(self, message: Any) -> None:
        self.events += 1
        if message.subject.startswith("mission."):
            news = MissionChanged.model_validate_json(message.data)
            self.missions[news.mission_id] = news.mission
            return
        change = AnnotationChanged.model_validate_json(message.data)
        before = self.objects.get(change.object_id)
        assert change.revision == (before.revision + 1 if before else 1), "a gap, or out of order"
        assert change.edit is not None
        assert change.edit.object == change.object_id
        if change.object_key is not None:
            self.objects[change.object_id] = ObjectState.model_validate_json(await self.s3.get(change.object_key))
        else:
            assert change.object is not None
            self.objects[change.object_id] = change.object

    def there(self) -> dict[str, ObjectState]:
        return {one.id: one for one in self.objects.values() if not one.deleted}


async def killed_publisher(servers: EmbeddedServers) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(PROGRAM), env=os.environ | servers.environment("annotation"), stderr=asyncio.subprocess.PIPE
    )
    _, complaint = await process.communicate()
    assert process.returncode == -signal.SIGKILL, complaint.decode()


async def test_a_project_can_be_rebuilt_from_events(
    servers: EmbeddedServers, settings: Settings, medium: Any, edits: Any, stores: Any
) -> None:
    editing = stores.another_editor(with_ontology=True)
    people = [Editor(author, medium, editing, edits) for author in AUTHORS]
    bus = Bus("annotation", settings)
    await bus.broker.connect()
    publishers = [OutboxPublisher(stores.changes, bus, stores.s3) for _ in range(2)]
    events: Outbox[Unpublished] = Outbox(stores.events, bus, grace_s=0.0)
    outboxes: list[Outbox[Any]] = [*publishers, events]

    await asyncio.gather(*(person.work(BATCHES // 2) for person in people))
    await killed_publisher(servers)
    work = (person.work(BATCHES // 2) for person in people)
    await asyncio.gather(*work, *(publisher.publish_pending() for publisher in publishers))
    await stores.ontologies.ensure_categories(medium.project_id, ["Zebra"])
    while any(await asyncio.gather(*(one.publish_pending() for one in outboxes))):
        pass
    await bus.broker.stop()
    reader = Reader(stores.s3)
    await reader.read(servers, medium.project_id)

    assert sum(person.applied for person in people) > 150
    now = await stores.objects.read(medium.project_id, medium.media_id)
    assert reader.there() == {one.id: one for one in now}
    assert {one.annotation_type for one in now} == {"bbox", "label"}
    assert sum(one.deleted for one in reader.objects.values()) > 3
    missions = {one.id: one for one in await stores.ontologies.missions(medium.project_id)}
    assert {name: one for name, one in reader.missions.items() if one is not None} == missions
    assert "Zebra" in {category.name for one in missions.values() for category in one.categories}
