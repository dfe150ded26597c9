"""Subscribers on NATS: each reads its own project's events with its own user, and can do nothing else."""

import asyncio
import contextlib
import json
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import nats
import pytest
from nats.aio.client import Client

from common.contract.events import AnnotationChanged
from common.messaging.bus import Bus
from tests.gateway.conftest import Gateway, Person, running_gateway, service_settings

pytestmark = pytest.mark.servers
EXAMPLE = Path(__file__).parents[2] / "examples/subscribe.py"
Json = dict[str, Any]


@pytest.fixture(scope="module")
async def annotation(gateway: Gateway) -> AsyncIterator[Bus]:
    bus = Bus("annotation", service_settings(gateway.servers, "annotation"))
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


class Subscriber:
    """A connection as a subscriber, and what the server refused it."""

    def __init__(self) -> None:
        self.refused: list[str] = []
        self.client = Client()

    async def connect(self, own: Json) -> "Subscriber":
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

    async def until_refused(self, count: int) -> None:
        async with asyncio.timeout(5):
            while len(self.refused) < count:
                await asyncio.sleep(0.01)

    async def close(self) -> None:
        await self.client.close()


async def until_quiet(subscription: Any) -> AsyncIterator[Any]:
    """The messages that came, until none comes for a moment."""
    with contextlib.suppress(nats.errors.TimeoutError):
        while True:
            yield await subscription.next_msg(timeout=0.3)


async def ask(subscriber: "Subscriber", own: Json, verb: str, **request: Any) -> Json:
    answer = await subscriber.client.request(own[f"{verb}_subject"], json.dumps(request).encode(), timeout=5)
    found: Json = json.loads(answer.data)
    return found


def objects(page: Json) -> list[str]:
    return [event["data"]["object_id"] for event in page["events"]]


async def test_a_subscriber_reads_its_project_and_continues_behind_its_position(
    gateway: Gateway, ada: Person, annotation: Bus
) -> None:
    project, other = await ada.project(), await ada.project()
    own = await subscriber(ada, project)
    program = await Subscriber().connect(own)
    await annotation.publish(changed(project, "o1"))
    await annotation.publish(changed(other, "o2"))
    await annotation.publish(changed(project, "o3"))

    first = await ask(program, own, "read", limit=1)
    again = await ask(program, own, "read", limit=5)
    await ask(program, own, "commit", sequence=first["last"])
    rest = await ask(program, own, "read")
    replayed = await ask(program, own, "read", after=0)
    await program.close()

    assert (objects(first), objects(again), objects(rest), objects(replayed)) == (
        ["o1"],
        ["o1", "o3"],
        ["o3"],
        ["o1", "o3"],
    )
    assert first["events"][0] | {"time": "", "data": {}, "sequence": 0} == {
        "specversion": "1.0",
        "id": changed(project, "o1").id,
        "type": "annotation.changed.v1",
        "source": "/tracklane/annotation",
        "subject": changed(project, "o1").about,
        "time": "",
        "datacontenttype": "application/json",
        "sequence": 0,
        "data": {},
    }


async def test_a_waiting_read_is_answered_by_the_next_change(gateway: Gateway, ada: Person, annotation: Bus) -> None:
    project = await ada.project()
    own = await subscriber(ada, project)
    program = await Subscriber().connect(own)

    waiting = asyncio.create_task(ask(program, own, "read", wait_s=4))
    await asyncio.sleep(0.3)
    await annotation.publish(changed(project, "late"))
    page = await waiting
    nothing = await ask(program, own, "read", after=page["last"], wait_s=0.1)
    await program.close()

    assert (objects(page), objects(nothing)) == (["late"], [])


@pytest.mark.parametrize(
    ("verb", "body", "field"),
    [
        ("read", {"limit": 0}, "limit"),
        ("read", {"limit": 10_000}, "limit"),
        ("read", {"wait_s": 1e9}, "wait_s"),
        ("read", {"since": "yesterday"}, "since"),
        ("read", {"subject": "annotation.changed.v1.*"}, "subject"),
        ("commit", {"sequence": -1}, "sequence"),
        ("commit", {}, "sequence"),
    ],
)
async def test_a_malformed_request_is_answered_with_its_field(
    gateway: Gateway, ada: Person, verb: str, body: Json, field: str
) -> None:
    own = await subscriber(ada, await ada.project())
    program = await Subscriber().connect(own)

    answer = await ask(program, own, verb, **body)
    await program.close()

    assert answer["error"]["errors"][0]["field"] == field


# Every subject on which a delivery, an empty status or an answer of the server did harm in the services' account.
FORGED_REPLIES = [
    "$JS.API.STREAM.PURGE.ANNOTATION",
    "$JS.API.STREAM.DELETE.ANNOTATION",
    "$JS.API.STREAM.DELETE.MEDIA",
    "$JS.API.CONSUMER.DELETE.MEDIA.frames-media-stored-v1",
    "$JS.API.CONSUMER.CREATE.ANNOTATION",
    "ask.ingest.DeleteMedium",
    "ask.annotation.ApplyEdits",
    "annotation.changed.v1.p",
    "media.deleted.v1.p",
    "_INBOX_gateway.x",
    "_INBOX.sub-another.x",
    "events.sub-another.commit",
]


@pytest.mark.parametrize("reply", [*FORGED_REPLIES, "presence.{project}"])
async def test_an_answer_goes_to_the_own_inbox_only(gateway: Gateway, ada: Person, annotation: Bus, reply: str) -> None:
    project = await ada.project()
    own = await subscriber(ada, project)
    await annotation.publish(changed(project, "o1"))
    program, operator = await Subscriber().connect(own), await nats.connect(gateway.servers.nats.url("admin"))
    heard = await operator.subscribe(">")
    await operator.flush()

    for body in (b"", b"{}", b'{"limit":1}', b"not JSON"):
        for subject in (own["read_subject"], own["commit_subject"]):
            await program.client.publish(subject, body, reply=reply.format(project=project))
    await program.client.flush()
    after = await ask(program, own, "read")
    seen = [message.subject async for message in until_quiet(heard)]
    await operator.close()
    await program.close()

    assert objects(after) == ["o1"]
    assert not [
        subject for subject in seen if subject.startswith(("$JS.API.STREAM", "ask.", "presence.", "annotation."))
    ]


@pytest.mark.parametrize(
    "subject",
    [
        "annotation.changed.v1.x",
        "ask.annotation.ApplyEdits",
        "$JS.API.STREAM.PURGE.ANNOTATION",
        "$JS.API.CONSUMER.CREATE.ANNOTATION.x.annotation.changed.v1.x",
        "$JS.API.CONSUMER.INFO.ANNOTATION.x",
        "$JS.API.CONSUMER.MSG.NEXT.ANNOTATION.x",
        "$JS.ACK.ANNOTATION.x.1.1.1.1.1",
        "presence.x",
        "events.sub-another.read",
        "_INBOX.sub-another.x",
        ">",
    ],
)
async def test_a_subscriber_publishes_and_hears_nothing_else(gateway: Gateway, ada: Person, subject: str) -> None:
    program = await Subscriber().connect(await subscriber(ada, await ada.project()))

    if subject != ">":
        await program.client.publish(subject, b"{}")
    await program.client.subscribe(subject)
    await program.client.flush()
    await program.until_refused(1 if subject == ">" else 2)

    assert all("ermissions violation" in refused for refused in program.refused)
    await program.close()


async def test_the_subscribers_account_has_no_streams(gateway: Gateway, ada: Person) -> None:
    delivery = await nats.connect(gateway.servers.nats.url("delivery"), allow_reconnect=False)

    with pytest.raises(nats.errors.Error):
        await delivery.jetstream(timeout=1).stream_info("ANNOTATION")
    await delivery.close()


async def test_a_removed_subscriber_gets_nothing_more_also_if_it_waits(
    gateway: Gateway, ada: Person, annotation: Bus
) -> None:
    project = await ada.project()
    own = await subscriber(ada, project)
    program = await Subscriber().connect(own)
    waiting = asyncio.create_task(ask(program, own, "read", wait_s=4))
    await asyncio.sleep(0.2)

    gone = await ada.http.delete(f"/projects/{project}/subscribers/{own['id']}")
    await annotation.publish(changed(project, "secret"))
    answers = [await waiting, await ask(program, own, "read"), await ask(program, own, "commit", sequence=5)]
    await program.close()

    assert gone.status_code == 204
    assert [answer["error"]["code"] for answer in answers] == ["subscriber_not_found"] * 3


async def test_what_a_removed_member_made_gets_nothing_more(
    gateway: Gateway, ada: Person, eve: Person, annotation: Bus
) -> None:
    project = await ada.project()
    await ada.http.post(f"/projects/{project}/members", json={"email": eve.email, "role": "developer"})
    own = await subscriber(eve, project)
    program = await Subscriber().connect(own)
    await annotation.publish(changed(project, "shared"))
    before = await ask(program, own, "read")
    waiting = asyncio.create_task(ask(program, own, "read", after=before["last"], wait_s=4))
    await asyncio.sleep(0.2)

    gone = await ada.http.delete(f"/projects/{project}/members/{eve.id}")
    await annotation.publish(changed(project, "secret"))
    answers = [await waiting, await ask(program, own, "read")]
    await program.close()

    assert (gone.status_code, objects(before)) == (204, ["shared"])
    assert [answer["error"]["code"] for answer in answers] == ["subscriber_not_found"] * 2


async def test_two_reads_of_a_subscriber_can_wait_and_no_third(gateway: Gateway, ada: Person) -> None:
    own = await subscriber(ada, await ada.project())
    program = await Subscriber().connect(own)

    waiting = [asyncio.create_task(ask(program, own, "read", wait_s=1)) for _ in range(2)]
    await asyncio.sleep(0.3)
    third = await ask(program, own, "read", wait_s=1)
    pages = await asyncio.gather(*waiting)
    await program.close()

    assert third["error"]["code"] == "too_many_reads"
    assert [objects(page) for page in pages] == [[], []]


async def test_a_wrong_password_and_a_deleted_subscriber_stay_out(gateway: Gateway, ada: Person) -> None:
    project = await ada.project()
    own = await subscriber(ada, project)
    listed = (await ada.http.get(f"/projects/{project}/subscribers")).json()["items"]

    with pytest.raises(nats.errors.Error, match=r"(?i)authorization"):
        await Subscriber().connect(own | {"password": "wrong"})
    gone = await ada.http.delete(f"/projects/{project}/subscribers/{own['id']}")
    with pytest.raises(nats.errors.Error, match=r"(?i)authorization"):
        await Subscriber().connect(own)

    assert "password" not in listed[0]
    assert gone.status_code == 204
    assert gateway.servers.credentials.password("gateway") not in own["server"]


async def test_who_only_labels_makes_no_subscribers(ada: Person, eve: Person) -> None:
    project = await ada.project()
    await ada.http.post(f"/projects/{project}/members", json={"email": eve.email})

    answer = await eve.http.post(f"/projects/{project}/subscribers", json={"name": "mine"})

    assert answer.status_code == 403


async def test_without_an_issuer_the_route_says_so(gateway: Gateway, ada: Person, tmp_path: Path) -> None:
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
    async def start(cls, own: Json, *more: str) -> "Running":
        command = [sys.executable, str(EXAMPLE), own["server"], own["user"], own["password"], *more]
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
    await annotation.publish(changed(project, "first"))
    await asyncio.sleep(1.1)
    since = datetime.now(UTC).isoformat(timespec="seconds")
    await annotation.publish(changed(project, "second"))

    running = await Running.start(own)
    before = await running.objects(2)
    await annotation.publish(changed(project, "third"))
    live = await running.objects(1)
    await asyncio.sleep(0.3)
    await running.end()
    await annotation.publish(changed(project, "fourth"))
    running = await Running.start(own)
    resumed = await running.objects(1)
    await asyncio.sleep(0.3)
    await running.end()
    running = await Running.start(own, "--since", since)
    replayed = await running.objects(3)
    await running.end()

    assert (before, live, resumed) == (["first", "second"], ["third"], ["fourth"])
    assert replayed == ["second", "third", "fourth"]
