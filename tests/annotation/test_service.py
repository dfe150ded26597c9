"""The whole service on real servers: requests and events over NATS, and redelivery."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

import nats
import pytest

from annotation.outbox.publisher import INLINE_BYTES
from common.contract import questions
from common.contract.edits import Delete, PutKeyframe, SetDone
from common.contract.errors import ErrorKind, Problem
from common.contract.events import AnnotationChanged, ClipReady, ClipState, LabelsSuggested, MediaDeleted, MediaPlanned
from common.contract.labels import ObjectState, Suggestion, Suggestions
from common.contract.media import Footage
from common.messaging.bus import Bus
from common.service.ids import new_id
from common.service.settings import Settings
from common.storage.objects import suggestions_key
from deploy.local.servers import EmbeddedServers

pytestmark = pytest.mark.servers


class Followed:
    """The events received by a subscriber, with their times."""

    def __init__(self) -> None:
        self.changes: list[tuple[AnnotationChanged, float, str]] = []
        self.states: list[ClipState] = []

    async def take(self, message: Any) -> None:
        if message.subject.startswith("clip.state"):
            self.states.append(ClipState.model_validate_json(message.data))
        else:
            change = AnnotationChanged.model_validate_json(message.data)
            self.changes.append((change, time.time(), message.headers["ce-id"]))

    def of(self, media_id: str) -> list[AnnotationChanged]:
        return [change for change, _, _ in self.changes if change.media_id == media_id]

    def clip(self, media_id: str, clip: int) -> tuple[str, int] | None:
        found = [state for state in self.states if (state.media_id, state.clip) == (media_id, clip)]
        newest = max(found, key=lambda state: state.revision, default=None)
        return (newest.label_state, newest.objects) if newest else None


async def eventually(true: Callable[[], Any], within_s: float = 15) -> None:
    async with asyncio.timeout(within_s):
        while not true():
            await asyncio.sleep(0.02)


@pytest.fixture(scope="module")
async def followed(servers: EmbeddedServers) -> AsyncIterator[Followed]:
    client = await nats.connect(servers.nats.url("admin"))
    followed = Followed()
    for subject in ("annotation.changed.v1.*", "clip.state.v1.*"):
        await client.jetstream().subscribe(subject, cb=followed.take, ordered_consumer=True)
    yield followed
    await client.close()


class Others:
    """The other services, each with its own connection."""

    def __init__(self, buses: dict[str, Bus]) -> None:
        self.ask = buses["gateway"].ask
        self.objects = buses["gateway"].objects
        self.buses = buses

    async def publish(self, *events: Any) -> None:
        for event in events:
            await self.buses[event.by].publish(event)


@pytest.fixture(scope="module")
async def others(servers: EmbeddedServers, running: None) -> AsyncIterator[Others]:
    buses = {}
    for name in ("gateway", "ingest", "frames", "inference"):
        buses[name] = Bus(name, Settings.model_validate(servers.settings(name)))
        await buses[name].broker.connect()
    yield Others(buses)
    for bus in buses.values():
        await bus.broker.stop()
        await bus.objects.close()


def clip_ready(project_id: str, media_id: str, clip: int) -> ClipReady:
    return ClipReady(
        project_id=project_id, media_id=media_id, clip=clip, first=1800 * clip, last=1800 * clip + 1799,
        rendition="proxy", index_key="k", width=640, height=360, fps=25,
    )  # fmt: skip


def vehicle(edits: Any, *of: Any, **more: Any) -> Any:
    return edits.create(*of, mission="Object Detection", category="Vehicle", **more)


def asking(medium: Any, *edits: Any, **more: Any) -> questions.ApplyEdits:
    about = {"project_id": medium.project_id, "media_id": medium.media_id, "author": "ada", "session": "tab"}
    return questions.ApplyEdits(**about | more, edits=list(edits))


async def test_an_edit_is_answered_and_published(medium: Any, edits: Any, others: Others, followed: Followed) -> None:
    one = new_id("o")
    await others.ask(asking(medium, vehicle(edits, one)))
    for revision in range(1, 61):
        answer = await others.ask(asking(medium, edits.move(one, revision, revision)))
        assert answer.results[0].status == "applied"

    await eventually(lambda: len(followed.of(medium.media_id)) == 61)
    changes = followed.of(medium.media_id)
    assert [change.revision for change in changes] == list(range(1, 62))
    assert (changes[1].author, changes[1].session) == ("ada", "tab")
    assert isinstance(changes[1].edit, PutKeyframe)
    (state,) = (await others.ask(questions.ReadObjects(project_id=medium.project_id, media_id=medium.media_id))).objects
    assert changes[-1].object == state


async def test_questions_are_answered(medium: Any, edits: Any, others: Others) -> None:
    one = new_id("o")
    await others.ask(asking(medium, vehicle(edits, one, edits.keyframe(0), edits.keyframe(10, 100))))
    about = {"project_id": medium.project_id, "media_id": medium.media_id}

    rows = (await others.ask(questions.ReadBoxes(**about, first=4, last=5))).rows
    assert [(row.frame, row.x1, row.key, row.source) for row in rows] == [
        (4, 40, False, "interpolated"),
        (5, 50, False, "interpolated"),
    ]
    assert (await others.ask(questions.ReadBoxes(**about, first=3999, last=4500))).rows[-1].frame == 3999
    assert (await others.ask(questions.FindObject(object_id=one))).project_id == medium.project_id
    assert len((await others.ask(questions.ReadHistory(object_id=one))).items) == 1
    assert len((await others.ask(questions.ListMissions(project_id=medium.project_id))).items) == 4
    missing: list[questions.Question[Any]] = [
        questions.FindObject(object_id="nothing"),
        questions.ReadHistory(object_id="nothing"),
    ]
    for bad in missing:
        with pytest.raises(Problem) as refused:
            await others.ask(bad)
        assert refused.value.kind == ErrorKind.NOT_FOUND
    with pytest.raises(Problem) as too_many:
        await others.ask(questions.ReadBoxes(**about, first=0, last=1800))
    assert too_many.value.kind == ErrorKind.INVALID


async def test_history_and_bulk_questions_are_answered(medium: Any, edits: Any, others: Others) -> None:
    one, two = new_id("o"), new_id("o")
    keyframes = [edits.keyframe(0), edits.keyframe(10, 100)]
    await others.ask(asking(medium, vehicle(edits, one, *keyframes), vehicle(edits, two, edits.keyframe(3))))
    about = {"project_id": medium.project_id, "media_id": medium.media_id}
    act = about | {"author": "ada"}

    shapes = (await others.ask(questions.ReadShapes(**about, first=5, last=5))).rows
    assert [(row.object_id, row.geometry.kind, row.key) for row in shapes] == [
        (one, "bbox", False),
        (two, "bbox", False),
    ]
    points = (await others.ask(questions.ListTimePoints(**about))).items
    assert [(point.frame, point.objects) for point in points] == [(0, [one]), (3, [two]), (10, [one])]
    before = (await others.ask(questions.ReadObjects(**about))).objects
    at = (await others.ask(questions.ReadChanges(project_id=medium.project_id))).items[0].at
    await asyncio.sleep(0.01)
    deleting = questions.EditSelection(
        **act, operation=new_id(), selection=questions.Selection(), change={"verb": "delete"}
    )
    assert (await others.ask(deleting)).applied == 2
    assert (await others.ask(questions.ReadObjects(**about))).objects == []
    assert sorted((await others.ask(questions.ReadObjects(**about, at=at))).objects, key=str) == sorted(before, key=str)
    assert (await others.ask(questions.UndoEdits(**act, operation=new_id(), of="ada"))).applied == 2
    assert (await others.ask(questions.RestoreMoment(**act, operation=new_id(), at=1.0))).applied == 2
    assert (await others.ask(questions.RestoreMoment(**act, operation=new_id(), at=at))).applied == 2
    assert len((await others.ask(questions.ReadObjects(**about))).objects) == 2
    counted = questions.ReadStatistics(project_id=medium.project_id, by=["category"])
    assert [(row.of, row.value) for row in (await others.ask(counted)).rows] == [(["Vehicle"], 2)]
    with pytest.raises(Problem) as refused:
        await others.ask(deleting.model_copy(update={"change": {"verb": "fly"}}))
    assert refused.value.kind == ErrorKind.INVALID


async def test_clip_states_are_published(edits: Any, others: Others, followed: Followed) -> None:
    project_id, media_id, one = new_id("p"), new_id("m"), new_id("o")
    about = {"project_id": project_id, "media_id": media_id, "author": "ada"}
    await others.publish(clip_ready(project_id, media_id, 0))
    create = questions.ApplyEdits(**about, edits=[vehicle(edits, one, edits.keyframe(1790))], frame_count=1800)
    await others.ask(create)
    await eventually(lambda: followed.clip(media_id, 0) == ("labeled", 1))
    assert followed.clip(media_id, 1) is None

    await others.publish(clip_ready(project_id, media_id, 1))
    await eventually(lambda: followed.clip(media_id, 1) == ("labeled", 1))

    await others.ask(questions.ApplyEdits(**about, edits=[Delete(id=new_id("e"), object=one, base_revision=1)]))
    await eventually(lambda: followed.clip(media_id, 0) == ("unlabeled", 0))
    await eventually(lambda: followed.clip(media_id, 1) == ("unlabeled", 0))
    revisions = [state.revision for state in followed.states if (state.media_id, state.clip) == (media_id, 0)]
    assert revisions == [1, 2]


async def test_a_large_object_is_published_by_key(medium: Any, edits: Any, others: Others, followed: Followed) -> None:
    one = new_id("o")
    keyframes = [edits.keyframe(frame, frame / 7) for frame in range(3000)]

    await others.ask(asking(medium, vehicle(edits, one, *keyframes)))

    await eventually(lambda: followed.of(medium.media_id))
    (change,) = followed.of(medium.media_id)
    assert (change.object, change.edit) == (None, None)
    assert change.object_key is not None
    content = await others.objects.get(change.object_key)
    assert len(content) > INLINE_BYTES
    assert len(ObjectState.model_validate_json(content).keyframes) == 3000


async def test_redelivered_suggestions_create_objects_once_and_never_overwrite_a_person(
    edits: Any, others: Others, followed: Followed, stores: Any
) -> None:
    project_id, media_id, run_id = new_id("p"), new_id("m"), new_id("r")
    tracks = [
        Suggestion(id=new_id("s"), label=label, score=0.9, keyframes=[edits.keyframe(5), edits.keyframe(9, 3)])
        for label in ("dog", "dog", "cat")
    ]
    key = suggestions_key(project_id, run_id, media_id, 0)
    file = Suggestions(run_id=run_id, media_id=media_id, clip=0, model="nano", tracks=tracks)
    await others.objects.put(key, file.model_dump_json().encode())
    suggested = LabelsSuggested(
        project_id=project_id, media_id=media_id, run_id=run_id, clip=0, first=0, last=1799, object_key=key, count=3,
        model="nano", accept="auto", author="ada",
    )  # fmt: skip

    await others.publish(suggested)
    await eventually(lambda: followed.clip(media_id, 0) == ("auto", 3))
    first, second, third = (track.id for track in tracks)
    about = {"project_id": project_id, "media_id": media_id, "author": "ben"}
    await others.ask(questions.ApplyEdits(**about, edits=[Delete(id=new_id("e"), object=first, base_revision=1)]))
    await others.ask(
        questions.ApplyEdits(**about, edits=[SetDone(id=new_id("e"), object=second, base_revision=1, done=True)])
    )
    # Redelivered as after a crash, with another id, or the server would drop it as a duplicate.
    await others.buses["inference"].jetstream.publish(suggested.subject, suggested.model_dump_json().encode())
    await eventually(lambda: followed.clip(media_id, 0) == ("labeled", 2))
    await asyncio.sleep(1)

    states = {
        one.id: one
        for one in (await others.ask(questions.ReadObjects(project_id=project_id, media_id=media_id))).objects
    }
    assert states.keys() == {second, third}
    assert (states[second].done, states[second].revision) == (True, 2)
    assert (states[third].source, states[third].category, states[third].run_id) == ("model", "cat", run_id)
    assert [keyframe.frame for keyframe in states[third].keyframes] == [5, 9, 1800]
    assert len(followed.of(media_id)) == 5
    mission = (await others.ask(questions.ListMissions(project_id=project_id))).items[0]
    assert {"dog", "cat"} <= {category.name for category in mission.categories}


async def test_a_deleted_medium_leaves_nothing(medium: Any, edits: Any, others: Others, stores: Any) -> None:
    await others.ask(asking(medium, vehicle(edits, new_id("o"))))

    await others.publish(MediaDeleted(project_id=medium.project_id, media_id=medium.media_id))
    footage = Footage(width=1, height=1, fps=1, frame_count=4000, duration_s=1, clip_count=3)
    await others.publish(MediaPlanned(project_id=medium.project_id, media_id=medium.media_id, footage=footage))

    async def refused() -> str:
        try:
            await others.ask(asking(medium, vehicle(edits, new_id("o"))))
        except Problem as problem:
            return problem.code
        return ""

    async with asyncio.timeout(10):
        while await refused() != "medium_not_found":
            await asyncio.sleep(0.05)
    await asyncio.sleep(1.5)  # one round of the clip counter and the outbox
    for collection in ("objects", "changes", "clips"):
        assert await stores.mongo[collection].find_one({"media_id": medium.media_id}) is None
