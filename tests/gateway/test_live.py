"""The live stream: in order, without gaps, resumable, for members only."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import nats
import pytest
import websockets
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.typing import Origin

from common.contract import events
from common.contract.errors import reason_for
from common.messaging.bus import Bus
from gateway.live.connections import MAX_QUEUED
from tests.gateway.conftest import Gateway, Person, running_gateway, service_settings

pytestmark = pytest.mark.servers
Json = dict[str, Any]


class EventPublisher:
    """Publishes events as the services do."""

    def __init__(self, ingest: Bus, frames: Bus, annotation: Bus, inference: Bus) -> None:
        self.ingest, self.frames, self.annotation, self.inference = ingest, frames, annotation, inference

    async def media_failed(self, project: str, *media: str) -> None:
        for media_id in media:
            reason = reason_for("no_decodable_frame")
            await self.frames.publish(events.MediaFailed(project_id=project, media_id=media_id, reason=reason))

    async def objects_changed(self, project: str, media: str, *objects: str) -> None:
        for object_id in objects:
            await self.annotation.publish(
                events.AnnotationChanged(
                    project_id=project,
                    media_id=media,
                    change_id=object_id,
                    object_id=object_id,
                    revision=1,
                    author="u1",
                    at=1.0,
                )
            )


@pytest.fixture(scope="module")
async def publisher(gateway: Gateway) -> AsyncIterator[EventPublisher]:
    names = ("ingest", "frames", "annotation", "inference")
    buses = [Bus(name, service_settings(gateway.servers, name)) for name in names]
    for bus in buses:
        await bus.broker.connect()
    yield EventPublisher(*buses)
    for bus in buses:
        await bus.broker.stop()


class LiveClient:
    """A connection to the live stream; `received` has its messages."""

    def __init__(self, socket: websockets.ClientConnection) -> None:
        self.socket = socket
        self.received: list[Json] = []

    async def next(self) -> Json:
        async with asyncio.timeout(10):
            self.received.append(json.loads(await self.socket.recv()))
        return self.received[-1]

    async def until(self, kind: str) -> Json:
        while (await self.next())["type"] != kind:
            pass
        return self.received[-1]

    async def events(self, count: int) -> list[Json]:
        """The next `count` events, without the creation of the project, which may arrive late."""
        found: list[Json] = []
        while len(found) < count:
            message = await self.next()
            if "data" in message and "sequence" in message and message["type"] != "project.created":
                found.append(message)
        return found

    async def send(self, **message: Any) -> None:
        await self.socket.send(json.dumps(message))

    async def silent(self) -> bool:
        try:
            async with asyncio.timeout(0.4):
                await self.socket.recv()
        except TimeoutError:
            return True
        return False


@asynccontextmanager
async def tab(gateway: Gateway, person: Person, project: str, **query: Any) -> AsyncIterator[LiveClient]:
    address = gateway.url.replace("http", "ws") + f"/api/v1/live?project={project}"
    address += "".join(f"&{name}={value}" for name, value in query.items())
    cookie = {"Cookie": f"tracklane={person.http.cookies['tracklane']}"}
    async with websockets.connect(address, additional_headers=cookie, origin=Origin(gateway.url), proxy=None) as socket:
        yield LiveClient(socket)


async def test_a_connection_receives_events_of_its_project_only(
    gateway: Gateway, ada: Person, publisher: EventPublisher
) -> None:
    project, other = await ada.project(), await ada.project()
    async with tab(gateway, ada, project) as browser:
        hello = await browser.next()

        await publisher.media_failed(other, "elsewhere")
        await publisher.media_failed(project, "broken")
        (event,) = await browser.events(1)

    assert hello["type"] == "hello"
    assert (event["type"], event["data"]["media_id"]) == ("media.failed", "broken")
    assert event["sequence"] > hello["sequence"]


async def test_edits_go_to_connections_with_the_medium_open(
    gateway: Gateway, ada: Person, publisher: EventPublisher
) -> None:
    project = await ada.project()
    async with tab(gateway, ada, project, media="m1") as browser:
        await browser.until("hello")
        await publisher.objects_changed(project, "m2", "hidden")
        await publisher.objects_changed(project, "m1", "shown")
        (first,) = await browser.events(1)

        await browser.send(open="m2")
        opened = await browser.until("opened")
        await publisher.objects_changed(project, "m1", "hidden-too")
        await publisher.objects_changed(project, "m2", "shown-too")
        (second,) = await browser.events(1)

    assert [first["data"]["object_id"], second["data"]["object_id"]] == ["shown", "shown-too"]
    assert opened["media"] == "m2"
    assert first["sequence"] <= opened["sequence"] < second["sequence"]


async def test_missed_events_are_replayed_without_gap_or_duplicate(
    gateway: Gateway, ada: Person, publisher: EventPublisher
) -> None:
    project = await ada.project()
    async with tab(gateway, ada, project) as browser:
        since = (await browser.until("hello"))["sequence"]
    missed = [f"missed-{number}" for number in range(40)]
    during = [f"during-{number}" for number in range(40)]
    await publisher.media_failed(project, *missed)

    publishing = asyncio.create_task(publisher.media_failed(project, *during))
    async with tab(gateway, ada, project, since=since) as browser:
        received_events = await browser.events(80)
        await publishing

        assert await browser.silent()
    assert [event["data"]["media_id"] for event in received_events] == missed + during
    sequences = [event["sequence"] for event in received_events]
    assert sequences == sorted(set(sequences))


async def test_many_reconnecting_clients_miss_nothing(gateway: Gateway, ada: Person, publisher: EventPublisher) -> None:
    project = await ada.project()
    names = [f"m-{number}" for number in range(60)]
    async with tab(gateway, ada, project) as browser:
        since = (await browser.until("hello"))["sequence"]
    publishing = asyncio.create_task(publisher.media_failed(project, *names))
    received: list[str] = []
    while len(received) < len(names):
        async with tab(gateway, ada, project, since=since) as browser:
            await browser.until("hello")
            for event in await browser.events(min(7, len(names) - len(received))):
                received.append(event["data"]["media_id"])
                since = event["sequence"]
    await publishing

    assert received == names


async def test_an_unknown_sequence_resets_the_client(gateway: Gateway, ada: Person, publisher: EventPublisher) -> None:
    project = await ada.project()
    async with tab(gateway, ada, project, since=10**9) as browser:
        reset = await browser.until("reset")
        await publisher.media_failed(project, "after")
        (event,) = await browser.events(1)

    assert reset["sequence"] < 10**9
    assert event["sequence"] > reset["sequence"]


async def test_purged_events_reset_the_client(gateway: Gateway, ada: Person, publisher: EventPublisher) -> None:
    project = await ada.project()
    await publisher.media_failed(project, "one", "two", "three")
    async with tab(gateway, ada, project) as browser:
        sequence = (await browser.until("hello"))["sequence"]
    client = await nats.connect(gateway.servers.nats.url("admin"))
    await client.jetstream().purge_stream("LIVE", seq=sequence)
    await client.close()

    async with tab(gateway, ada, project, since=sequence - 2) as browser:
        await browser.until("reset")
    async with tab(gateway, ada, project, since=sequence) as browser:
        await publisher.media_failed(project, "four")
        (event,) = await browser.events(1)

    assert event["data"]["media_id"] == "four"


async def test_presence_is_shared_until_the_connection_closes(
    gateway: Gateway, ada: Person, eve: Person, tmp_path: Path
) -> None:
    project = await ada.project()
    await ada.http.post(f"/projects/{project}/members", json={"email": eve.email})
    async with running_gateway(gateway.servers, tmp_path) as second, tab(gateway, ada, project) as hers:
        await hers.until("hello")
        async with tab(second, eve, project) as others:
            await others.until("hello")
            await others.send(presence={"media": "m1", "clip": 0, "frame": 17})
            seen = await hers.until("presence")
            assert await others.silent(), "presence is not sent back to its connection"
        gone = await hers.until("presence")

    assert seen["data"]["user"] == {"id": eve.id, "name": "Eve"}
    assert (seen["data"]["media"], seen["data"]["frame"], seen["data"]["gone"]) == ("m1", 17, False)
    assert (gone["data"]["tab"], gone["data"]["gone"]) == (seen["data"]["tab"], True)


async def test_malformed_messages_are_refused_and_long_ones_close_the_connection(gateway: Gateway, ada: Person) -> None:
    project = await ada.project()
    async with tab(gateway, ada, project) as browser:
        await browser.until("hello")
        for text in ("no json", '{"presence": 5}', '{"open": "../.."}', "[]"):
            await browser.socket.send(text)
            await browser.until("refused")
        await browser.socket.send("x" * 10_000)
        await browser.socket.wait_closed()

        assert browser.socket.close_code == 1009


@pytest.mark.parametrize(("case", "status"), [("stranger", 404), ("visitor", 401), ("other site", 403)])
async def test_connections_without_access_are_refused(
    gateway: Gateway, ada: Person, eve: Person, case: str, status: int
) -> None:
    address = gateway.url.replace("http", "ws") + f"/api/v1/live?project={await ada.project()}"
    person = eve if case == "stranger" else ada
    headers = {} if case == "visitor" else {"Cookie": f"tracklane={person.http.cookies['tracklane']}"}
    origin = "https://evil.example" if case == "other site" else gateway.url

    with pytest.raises(InvalidStatus) as refused:
        await websockets.connect(address, additional_headers=headers, origin=Origin(origin), proxy=None)

    assert refused.value.response.status_code == status


async def test_a_program_connects_with_a_token(gateway: Gateway, ada: Person, publisher: EventPublisher) -> None:
    project = await ada.project()
    token = (await ada.http.post("/tokens", json={"name": "bot"})).json()["token"]
    address = gateway.url.replace("http", "ws") + f"/api/v1/live?project={project}"
    async with websockets.connect(address, additional_headers={"Authorization": f"Bearer {token}"}, proxy=None) as own:
        browser = LiveClient(own)
        await browser.until("hello")
        await publisher.media_failed(project, "for-bots")

        (event,) = await browser.events(1)

    assert event["data"]["media_id"] == "for-bots"


async def test_a_connection_that_does_not_read_is_closed(gateway: Gateway, ada: Person) -> None:
    project = await ada.project()
    connections = gateway.app.state.dependencies.connections
    async with tab(gateway, ada, project) as browser:
        await browser.until("hello")
        (own,) = connections.of_project(project)

        for _ in range(MAX_QUEUED + 1):
            own.enqueue('{"type":"test"}')
        with pytest.raises(ConnectionClosed):
            await browser.until("never")

        assert browser.socket.close_code == 1013
    async with asyncio.timeout(5):
        while connections.of_project(project):
            await asyncio.sleep(0.02)


async def test_events_continue_after_a_server_restart(gateway: Gateway, ada: Person, publisher: EventPublisher) -> None:
    project = await ada.project()
    async with tab(gateway, ada, project) as browser:
        await browser.until("hello")
        await publisher.media_failed(project, "before")
        await browser.events(1)

        await gateway.servers.run["nats"].kill()
        await gateway.servers.run["nats"].start()
        async with asyncio.timeout(40):
            while True:
                try:
                    await publisher.media_failed(project, "after")
                except Exception:  # noqa: BLE001 - a reconnecting client raises many kinds of errors
                    await asyncio.sleep(0.3)
                else:
                    break
            while "after" not in str(browser.received):
                browser.received.append(json.loads(await browser.socket.recv()))


async def test_a_deleted_medium_is_announced(gateway: Gateway, ada: Person, publisher: EventPublisher) -> None:
    project = await ada.project()
    async with tab(gateway, ada, project) as browser:
        await browser.until("hello")
        await publisher.ingest.publish(events.MediaDeleted(project_id=project, media_id="gone"))

        (event,) = await browser.events(1)

    assert event["type"] == "media.deleted"


async def test_other_changes_are_announced_to_the_project(
    gateway: Gateway, ada: Person, publisher: EventPublisher
) -> None:
    project = await ada.project()
    run = {"project_id": project, "run_id": "r1", "media_id": "m1", "object_id": "o1"}
    async with tab(gateway, ada, project) as browser:
        await browser.next()
        await publisher.annotation.publish(
            events.MissionChanged(project_id=project, mission_id="s1", revision=2, mission=None)
        )
        await publisher.annotation.publish(
            events.LabelsReviewed(suggestion_id="g1", review="accepted", reviewer="u1", at=1.0, **run)
        )
        await publisher.inference.publish(events.LabelsTracked(first=3, last=9, object_key="k", author="u1", **run))

        received_events = await browser.events(3)

    assert {event["type"] for event in received_events} == {"mission.changed", "labels.reviewed", "labels.tracked"}
    assert {event["data"].get("object_id") for event in received_events} == {None, "o1"}
