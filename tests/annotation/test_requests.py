"""Requests for missions, labels of media, suggestions and sessions over NATS to the running service."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import nats
import pytest

from annotation.domain.missions import OBJECT_DETECTION, mission_id
from common.contract import questions
from common.contract.edits import Create
from common.contract.errors import ErrorKind, Problem
from common.contract.events import LabelsSuggested, MissionChanged
from common.contract.labels import Suggestion, Suggestions
from common.contract.missions import Category, Mission
from common.messaging.bus import Bus
from common.service.ids import new_id
from common.service.settings import Settings
from common.storage.objects import suggestions_key
from deploy.local.servers import EmbeddedServers

pytestmark = pytest.mark.servers


@pytest.fixture(scope="module")
async def bus(servers: EmbeddedServers, running: None) -> AsyncIterator[Bus]:
    """The gateway's connection to a running annotation service."""
    gateway = Bus("gateway", Settings.model_validate(servers.settings("gateway")))
    await gateway.broker.connect()
    yield gateway
    await gateway.broker.stop()
    await gateway.objects.close()


def vehicle(edits: Any, category: str = "Vehicle", **more: Any) -> Create:
    made: Create = edits.create(new_id("o"), mission=OBJECT_DETECTION, category=category, **more)
    return made


async def test_missions_are_saved_and_deleted(bus: Bus, medium: Any, edits: Any, servers: EmbeddedServers) -> None:
    project_id = medium.project_id
    cows = Mission(id=new_id("m"), name="Cows", categories=[Category(name="Cow", color="#123456")])

    saved = await bus.ask(questions.SaveMission(project_id=project_id, mission=cows, author="ada"))
    assert (await bus.ask(questions.ListMissions(project_id=project_id))).items[-1] == saved
    creation = edits.create(new_id("o"), mission="Cows", category="Cow")
    about = {"project_id": project_id, "media_id": medium.media_id, "author": "ada"}
    (made,) = (await bus.ask(questions.ApplyEdits(**about, edits=[creation]))).results
    assert made.object is not None
    assert (made.object.mission, made.object.category) == (cows.id, "Cow")
    (use,) = (await bus.ask(questions.ReadUse(project_id=project_id, mission_id=cows.id))).items
    assert (use.category, use.objects) == ("Cow", 1)

    move = questions.CategoryMove(category="Cow", to_category="Vehicle")
    gone = questions.DeleteMission(project_id=project_id, mission_id=cows.id, author="ada")
    with pytest.raises(Problem) as refused:
        await bus.ask(gone)
    assert refused.value.kind == ErrorKind.CONFLICT
    assert [error.field for error in refused.value.errors] == ["moves"]
    await bus.ask(gone.model_copy(update={"moves": [move], "to_mission": OBJECT_DETECTION}))

    assert (await bus.ask(questions.ReadUse(project_id=project_id, mission_id=cows.id))).items == []
    assert await mission_events(servers, project_id, cows.id) == [(1, "Cows"), (2, None)]


async def mission_events(servers: EmbeddedServers, project_id: str, mission: str) -> list[tuple[int, str | None]]:
    """The events of a mission until its deletion: revisions and names."""
    client = await nats.connect(servers.nats.url("admin"))
    subject = f"{MissionChanged.type}.v1.{project_id}"
    following = await client.jetstream().subscribe(subject, ordered_consumer=True)
    received: list[tuple[int, str | None]] = []
    async for message in following.messages:
        event = MissionChanged.model_validate_json(message.data)
        if event.mission_id == mission:
            received.append((event.revision, event.mission.name if event.mission else None))
            if event.mission is None:
                break
    await client.close()
    return received


async def test_media_are_labeled(bus: Bus, medium: Any, edits: Any) -> None:
    about = {"project_id": medium.project_id, "author": "ada"}
    adding = {"action": "add", "category": "Vehicle", "media": [medium.media_id]}

    added = await bus.ask(questions.LabelMedia.model_validate(about | adding | {"operation": new_id("x")}))
    edit = questions.ApplyEdits(**about, media_id=medium.media_id, edits=[vehicle(edits, "Scooter")])
    await bus.ask(edit)
    synced = await bus.ask(questions.SyncLabels(**about, operation=new_id("x")))

    assert (added.applied, added.failed, synced.failed) == (1, 0, 0)
    uses = (await bus.ask(questions.ReadUse(project_id=medium.project_id))).items
    assert {(use.category, use.objects) for use in uses} == {("Vehicle", 1), ("Scooter", 2)}
    for wrong in ({"category": "Unheard of"}, {"media": None}, {"mission": "Unheard of"}):
        with pytest.raises(Problem) as refused:
            await bus.ask(questions.LabelMedia.model_validate(about | adding | {"operation": new_id("x")} | wrong))
        assert refused.value.kind == ErrorKind.INVALID


async def test_suggestions_are_reviewed(bus: Bus, medium: Any, edits: Any, servers: EmbeddedServers) -> None:
    about = {"project_id": medium.project_id, "media_id": medium.media_id}
    key = suggestions_key(medium.project_id, "r", medium.media_id, 0)
    track = Suggestion(id=new_id("s"), label="dog", score=0.5, keyframes=[edits.keyframe(5)])
    file = Suggestions(run_id="r", media_id=medium.media_id, clip=0, model="nano", tracks=[track])
    await bus.objects.put(key, file.model_dump_json().encode())
    inference = Bus("inference", Settings.model_validate(servers.settings("inference")))
    await inference.broker.connect()
    suggested = {"run_id": "r", "clip": 0, "first": 0, "last": 1799, "object_key": key, "count": 1, "model": "nano"}
    await inference.publish(LabelsSuggested.model_validate(about | suggested | {"accept": "suggest", "author": "ada"}))
    await inference.broker.stop()
    while not (items := (await bus.ask(questions.ListSuggestions.model_validate(about))).items):
        await asyncio.sleep(0.05)

    asked = questions.ReviewSuggestions.model_validate(
        about | {"decisions": [questions.ReviewDecision(suggestion=items[0].id, accept=True)], "author": "ada"}
    )
    (first,), (again,) = [(await bus.ask(asked)).results for _ in range(2)]

    assert (first.status, again.status, first.object) == ("applied", "duplicate", again.object)
    assert first.object is not None
    assert (first.object.mission, first.object.category) == (mission_id(medium.project_id, OBJECT_DETECTION), "dog")


async def test_work_sessions_are_listed(bus: Bus, medium: Any) -> None:
    about = {"project_id": medium.project_id, "media_id": medium.media_id}
    ada, ben = (
        questions.Heartbeat.model_validate(about | {"session_id": new_id("w"), "user_id": user, "exclusive": True})
        for user in ("ada", "ben")
    )

    await bus.ask(ada)
    state = await bus.ask(ben)
    assert (state.held_by, [one.user_id for one in state.others]) == ("ada", ["ada"])
    await bus.ask(questions.CloseSession(session_id=ada.session_id, user_id="ada"))
    listed = (await bus.ask(questions.ListSessions(project_id=medium.project_id))).items
    assert [one.user_id for one in listed] == ["ben"]
    times = (await bus.ask(questions.ReadLabelingTime(project_id=medium.project_id))).items
    assert [one.user_id for one in times] == ["ada", "ben"]
