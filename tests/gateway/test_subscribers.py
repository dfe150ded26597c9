"""Subscribers of a project: adding and listing them, and the example program that follows events."""

import asyncio
import json
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from common.messaging.bus import Bus
from tests.gateway.conftest import Gateway, Person, running_gateway
from tests.gateway.subscriber_client import Json, add_subscriber, changed

pytestmark = pytest.mark.servers
EXAMPLE = Path(__file__).parents[2] / "examples/subscribe.py"


async def test_subscribers_are_listed_in_pages_newest_first(ada: Person) -> None:
    project = await ada.project()
    added = [(await add_subscriber(ada, project))["id"] for _ in range(3)]

    first = (await ada.http.get(f"/projects/{project}/subscribers", params={"limit": 2})).json()
    rest_query = {"limit": 2, "cursor": first["next_cursor"]}
    rest = (await ada.http.get(f"/projects/{project}/subscribers", params=rest_query)).json()

    assert [item["id"] for item in first["items"] + rest["items"]] == added[::-1]
    assert rest["next_cursor"] is None


async def test_a_cursor_of_no_page_is_refused(ada: Person) -> None:
    project = await ada.project()
    subscriber = await add_subscriber(ada, project)

    answer = await ada.http.get(f"/projects/{project}/subscribers", params={"cursor": subscriber["id"]})

    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "invalid_cursor")


async def test_a_labeler_cannot_add_subscribers(ada: Person, eve: Person) -> None:
    project = await ada.project()
    await ada.http.post(f"/projects/{project}/members", json={"email": eve.email})

    answer = await eve.http.post(f"/projects/{project}/subscribers", json={"name": "mine"})

    assert answer.status_code == 403


async def test_without_an_issuer_subscribers_are_not_available(gateway: Gateway, ada: Person, tmp_path: Path) -> None:
    project = await ada.project()
    async with running_gateway(gateway.servers, tmp_path, nats_issuer_seed=None) as plain, plain.browser() as http:
        http.cookies.set("tracklane", ada.http.cookies["tracklane"])
        answer = await http.post(f"/projects/{project}/subscribers", json={"name": "mine"})

    assert answer.status_code == 501
    assert "TRACKLANE_NATS_ISSUER_SEED" in answer.json()["detail"]


class Running:
    """The example in a separate process."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process

    @classmethod
    async def start(cls, subscriber: Json, *options: str) -> "Running":
        connection = [subscriber[name] for name in ("server", "user", "password")]
        command = [sys.executable, str(EXAMPLE), *connection, *options]
        return cls(await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE))

    async def objects(self, count: int) -> list[str]:
        """The objects of the next lines."""
        assert self.process.stdout is not None
        async with asyncio.timeout(15):
            return [json.loads(await self.process.stdout.readline())["object_id"] for _ in range(count)]

    async def end(self) -> None:
        """Kill the process."""
        self.process.kill()
        await self.process.wait()


async def test_the_example_prints_changes_then_continues_and_replays(ada: Person, annotation: Bus) -> None:
    project = await ada.project()
    subscriber = await add_subscriber(ada, project)
    await annotation.publish(changed(project, "first"))
    await asyncio.sleep(1.1)
    since = datetime.now(UTC).isoformat(timespec="seconds")
    await annotation.publish(changed(project, "second"))

    running = await Running.start(subscriber)
    before = await running.objects(2)
    await annotation.publish(changed(project, "third"))
    live = await running.objects(1)
    await asyncio.sleep(0.3)
    await running.end()
    await annotation.publish(changed(project, "fourth"))
    running = await Running.start(subscriber)
    resumed = await running.objects(1)
    await asyncio.sleep(0.3)
    await running.end()
    running = await Running.start(subscriber, "--since", since)
    replayed = await running.objects(3)
    await running.end()

    assert (before, live, resumed) == (["first", "second"], ["third"], ["fourth"])
    assert replayed == ["second", "third", "fourth"]
