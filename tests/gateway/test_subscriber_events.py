"""Subscribers on NATS read the events of their project, in pages, from a stored position on."""

import asyncio

import pytest

from common.messaging.bus import Bus
from tests.gateway.conftest import Person
from tests.gateway.subscriber_client import Json, add_subscriber, changed, connected, object_ids

pytestmark = pytest.mark.servers


async def test_a_subscriber_reads_its_project_and_continues_after_its_position(ada: Person, annotation: Bus) -> None:
    project, other = await ada.project(), await ada.project()
    async with connected(await add_subscriber(ada, project)) as client:
        await annotation.publish(changed(project, "o1"))
        await annotation.publish(changed(other, "o2"))
        await annotation.publish(changed(project, "o3"))

        first = await client.read(limit=1)
        again = await client.read(limit=5)
        await client.request("commit", sequence=first["last"])
        rest = await client.read()
        replayed = await client.read(after=0)

    assert [object_ids(page) for page in (first, again, rest)] == [["o1"], ["o1", "o3"], ["o3"]]
    assert object_ids(replayed) == ["o1", "o3"]
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


async def test_a_waiting_read_returns_with_the_next_change(ada: Person, annotation: Bus) -> None:
    project = await ada.project()
    async with connected(await add_subscriber(ada, project)) as client:
        waiting = asyncio.create_task(client.read(wait_s=4))
        await asyncio.sleep(0.3)
        await annotation.publish(changed(project, "late"))
        page = await waiting
        empty = await client.read(after=page["last"], wait_s=0.1)

    assert (object_ids(page), object_ids(empty)) == (["late"], [])


async def test_two_reads_of_a_subscriber_can_wait_at_once(ada: Person) -> None:
    async with connected(await add_subscriber(ada, await ada.project())) as client:
        waiting = [asyncio.create_task(client.read(wait_s=1)) for _ in range(2)]
        await asyncio.sleep(0.3)
        third = await client.read(wait_s=1)
        pages = await asyncio.gather(*waiting)

    assert third["error"]["code"] == "too_many_reads"
    assert [object_ids(page) for page in pages] == [[], []]


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
async def test_an_invalid_request_is_refused_with_its_field(ada: Person, verb: str, body: Json, field: str) -> None:
    async with connected(await add_subscriber(ada, await ada.project())) as client:
        answer = await client.request(verb, **body)

    assert answer["error"]["errors"][0]["field"] == field


async def test_a_removed_subscriber_receives_no_more_events(ada: Person, annotation: Bus) -> None:
    project = await ada.project()
    subscriber = await add_subscriber(ada, project)
    async with connected(subscriber) as client:
        waiting = asyncio.create_task(client.read(wait_s=4))
        await asyncio.sleep(0.2)

        removed = await ada.http.delete(f"/projects/{project}/subscribers/{subscriber['id']}")
        await annotation.publish(changed(project, "secret"))
        answers = [await waiting, await client.read(), await client.request("commit", sequence=5)]

    assert removed.status_code == 204
    assert [answer["error"]["code"] for answer in answers] == ["subscriber_not_found"] * 3


async def test_a_subscriber_of_a_removed_member_receives_no_more_events(
    ada: Person, eve: Person, annotation: Bus
) -> None:
    project = await ada.project()
    await ada.http.post(f"/projects/{project}/members", json={"email": eve.email, "role": "developer"})
    async with connected(await add_subscriber(eve, project)) as client:
        await annotation.publish(changed(project, "shared"))
        before = await client.read()
        waiting = asyncio.create_task(client.read(after=before["last"], wait_s=4))
        await asyncio.sleep(0.2)

        removed = await ada.http.delete(f"/projects/{project}/members/{eve.id}")
        await annotation.publish(changed(project, "secret"))
        answers = [await waiting, await client.read()]

    assert (removed.status_code, object_ids(before)) == (204, ["shared"])
    assert [answer["error"]["code"] for answer in answers] == ["subscriber_not_found"] * 2
