"""A program that follows a project's events as a subscriber."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from nats.aio.client import Client

from common.contract.events import AnnotationChanged
from tests.gateway.conftest import Person

Json = dict[str, Any]


def changed(project: str, object_id: str) -> AnnotationChanged:
    """The event of a change to an object."""
    return AnnotationChanged(
        project_id=project, media_id="m1", change_id=object_id, object_id=object_id, revision=1, author="a", at=1.0
    )


def object_ids(page: Json) -> list[str]:
    """The objects of a page of events, in order."""
    return [event["data"]["object_id"] for event in page["events"]]


async def add_subscriber(person: Person, project: str) -> Json:
    """A new subscriber of a project, with its password."""
    added = await person.http.post(f"/projects/{project}/subscribers", json={"name": "trainer"})
    assert added.status_code == 201, added.text
    subscriber: Json = added.json()
    return subscriber


class SubscriberClient:
    """A connection as a subscriber; `refused` has the errors of the NATS server."""

    def __init__(self, subscriber: Json) -> None:
        self.subscriber = subscriber
        self.refused: list[str] = []
        self.nats = Client()

    async def connect(self) -> None:
        """Connect to the server. Raises nats.errors.Error."""

        async def note(error: Exception) -> None:
            self.refused.append(str(error))

        await self.nats.connect(
            self.subscriber["server"],
            user=self.subscriber["user"],
            password=self.subscriber["password"],
            inbox_prefix=self.subscriber["inbox_prefix"].encode(),
            error_cb=note,
            allow_reconnect=False,
        )

    async def read(self, **request: Any) -> Json:
        """A page of events."""
        return await self.request("read", **request)

    async def request(self, verb: str, **request: Any) -> Json:
        """The reply to a `read` or `commit`."""
        subject = self.subscriber[f"{verb}_subject"]
        reply = await self.nats.request(subject, json.dumps(request).encode(), timeout=5)
        answer: Json = json.loads(reply.data)
        return answer

    async def until_refused(self, count: int) -> None:
        """Wait until the server has refused this many operations."""
        async with asyncio.timeout(5):
            while len(self.refused) < count:
                await asyncio.sleep(0.01)


@asynccontextmanager
async def connected(subscriber: Json) -> AsyncIterator[SubscriberClient]:
    """A client that is connected inside this context."""
    client = SubscriberClient(subscriber)
    await client.connect()
    try:
        yield client
    finally:
        await client.nats.close()
