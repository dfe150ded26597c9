"""ML platforms on NATS: each follows its own project with a user of its own, and can do nothing else."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import nats
import pytest
from nats.aio.client import Client
from nats.js.api import ConsumerConfig

from common.contract.events import AnnotationChanged
from common.messaging.bus import Bus
from common.service.settings import Settings
from tests.gateway.conftest import Gateway, Person, running_gateway

pytestmark = pytest.mark.servers
EXAMPLE = Path(__file__).parents[2] / "examples/subscribe.py"
Json = dict[str, Any]


@pytest.fixture(scope="module")
async def annotation(gateway: Gateway) -> AsyncIterator[Bus]:
    bus = Bus("annotation", Settings(**gateway.servers.settings("annotation")))
    await bus.broker.connect()
    yield bus
    await bus.broker.stop()


def changed(project: str, object_id: str) -> AnnotationChanged:
    return AnnotationChanged(
        project_id=project, media_id="m1", change_id=object_id, object_id=object_id, revision=1, author="a", at=1.0
    )


async def subscriber(person: Person, project: str) -> Json:
    made = await person.http.post(f"/projects/{project}/subscribers", json={"name": "trainer"})
    assert made.status_code == 201, made.text
    found: Json = made.json()
    return found


class Platform:
    """A connection as a subscriber, and what the server refused it."""

    def __init__(self) -> None:
        self.refused: list[str] = []
        self.client = Client()

    async def connect(self, own: Json) -> "Platform":
        async def note(error: Exception) -> None:
            self.refused.append(str(error))

        await self.client.connect(
            own["server"],
            user=own["user"],
            password=own["password"],
            inbox_prefix=own["inbox_prefix"].encode(),
            error_cb=note,
            allow_reconnect=False,
        )
        return self

    async def close(self) -> None:
        await self.client.close()


async def test_a_platform_reads_its_project_at_least_once(gateway: Gateway, ada: Person, annotation: Bus) -> None:
    project, other = await ada.project(), await ada.project()
    own = await subscriber(ada, project)
    platform = await Platform().connect(own)
    await annotation.tell(changed(project, "o1"), changed(other, "o2"), changed(project, "o3"))

    labels = await platform.client.jetstream().pull_subscribe(own["filter_subject"], own["durable"], own["stream"])
    messages = await labels.fetch(2, timeout=5)
    for message in messages:
        await message.ack_sync()
    await platform.close()

    assert {json.loads(message.data)["object_id"] for message in messages} == {"o1", "o3"}
    assert platform.refused == []


@pytest.mark.parametrize("case", ["other project", "everything", "no filter", "other stream", "other name"])
async def test_a_platform_makes_no_consumer_but_its_own(gateway: Gateway, ada: Person, case: str) -> None:
    project, other = await ada.project(), await ada.project()
    own = await subscriber(ada, project)
    platform = await Platform().connect(own)
    jetstream = platform.client.jetstream(timeout=1)
    name = "somebody-else" if case == "other name" else own["durable"]
    subject = {
        "other project": f"annotation.changed.v1.{other}",
        "everything": "annotation.changed.v1.*",
        "no filter": None,
        "other stream": "media.stored.v1.*",
    }.get(case, own["filter_subject"])
    stream = "MEDIA" if case == "other stream" else own["stream"]

    with pytest.raises(nats.errors.TimeoutError):
        await jetstream.add_consumer(stream, ConsumerConfig(name=name, durable_name=name, filter_subject=subject))

    assert any("ermissions violation" in refused for refused in platform.refused)
    await platform.close()


async def test_a_platform_cannot_hide_another_filter_in_the_request(gateway: Gateway, ada: Person) -> None:
    project, other = await ada.project(), await ada.project()
    own = await subscriber(ada, project)
    platform = await Platform().connect(own)
    subject = f"$JS.API.CONSUMER.CREATE.{own['stream']}.{own['durable']}.{own['filter_subject']}"

    for filters in (
        {"filter_subject": f"annotation.changed.v1.{other}"},
        {"filter_subjects": ["annotation.changed.v1.*"]},
        {},
    ):
        config = {"durable_name": own["durable"], "name": own["durable"], "ack_policy": "explicit", **filters}
        body = json.dumps({"stream_name": own["stream"], "config": config}).encode()
        answer = json.loads((await platform.client.request(subject, body, timeout=2)).data)

        assert "error" in answer, filters
    await platform.close()


@pytest.mark.parametrize(
    "subject",
    ["annotation.changed.v1.x", "ask.annotation.ApplyEdits", "$JS.API.STREAM.PURGE.ANNOTATION", "presence.x", ">"],
)
async def test_a_platform_publishes_and_hears_nothing_else(gateway: Gateway, ada: Person, subject: str) -> None:
    platform = await Platform().connect(await subscriber(ada, await ada.project()))

    if subject != ">":
        await platform.client.publish(subject, b"{}")
    await platform.client.subscribe(subject)
    await platform.client.flush()
    await asyncio.sleep(0.1)

    assert len(platform.refused) == (1 if subject == ">" else 2)
    await platform.close()


async def test_a_wrong_password_and_a_deleted_subscriber_stay_out(gateway: Gateway, ada: Person) -> None:
    project = await ada.project()
    own = await subscriber(ada, project)
    listed = (await ada.http.get(f"/projects/{project}/subscribers")).json()["items"]

    with pytest.raises(nats.errors.Error, match=r"(?i)authorization"):
        await Platform().connect(own | {"password": "wrong"})
    gone = await ada.http.delete(f"/projects/{project}/subscribers/{own['id']}")
    with pytest.raises(nats.errors.Error, match=r"(?i)authorization"):
        await Platform().connect(own)

    assert "password" not in listed[0]
    assert gone.status_code == 204
    assert gateway.servers.credentials.password("gateway") not in own["server"]


async def test_who_only_labels_makes_no_subscribers(ada: Person, eve: Person) -> None:
    project = await ada.project()
    await ada.http.post(f"/projects/{project}/members", json={"email": eve.email})

    answer = await eve.http.post(f"/projects/{project}/subscribers", json={"name": "mine"})

    assert answer.status_code == 403


async def test_without_an_issuer_the_route_says_so(gateway: Gateway, ada: Person, tmp_path) -> None:
    project = await ada.project()
    async with running_gateway(gateway.servers, tmp_path, nats_issuer_seed=None) as plain, plain.browser() as http:
        http.cookies.set("tracklane", ada.http.cookies["tracklane"])
        answer = await http.post(f"/projects/{project}/subscribers", json={"name": "mine"})

    assert answer.status_code == 501
    assert "TRACKLANE_NATS_ISSUER_SEED" in answer.json()["detail"]


class Running:
    """The example as its users run it."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process

    @classmethod
    async def start(cls, own: Json, project: str, *more: str) -> "Running":
        command = [sys.executable, str(EXAMPLE), own["server"], own["user"], own["password"], project, *more]
        return cls(await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE))

    async def objects(self, count: int) -> list[str]:
        assert self.process.stdout is not None
        async with asyncio.timeout(15):
            return [json.loads(await self.process.stdout.readline())["object_id"] for _ in range(count)]

    async def end(self) -> None:
        self.process.kill()
        await self.process.wait()


async def test_the_example_prints_changes_goes_on_and_replays(gateway: Gateway, ada: Person, annotation: Bus) -> None:
    project = await ada.project()
    own = await subscriber(ada, project)
    await annotation.tell(changed(project, "first"))
    await asyncio.sleep(1.1)
    since = datetime.now(UTC).isoformat(timespec="seconds")
    await annotation.tell(changed(project, "second"))

    running = await Running.start(own, project)
    before = await running.objects(2)
    await annotation.tell(changed(project, "third"))
    live = await running.objects(1)
    await asyncio.sleep(0.3)
    await running.end()
    await annotation.tell(changed(project, "fourth"))
    running = await Running.start(own, project)
    resumed = await running.objects(1)
    await asyncio.sleep(0.3)
    await running.end()
    running = await Running.start(own, project, "--since", since)
    replayed = await running.objects(3)
    await running.end()

    assert (before, live, resumed) == (["first", "second"], ["third"], ["fourth"])
    assert replayed == ["second", "third", "fourth"]
