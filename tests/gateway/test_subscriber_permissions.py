"""Subscribers on NATS cannot reach anything but their own subjects, not even through the replies of the gateway."""

import contextlib
from collections.abc import AsyncIterator
from typing import Any

import nats
import pytest

from common.messaging.bus import Bus
from tests.gateway.conftest import Gateway, Person
from tests.gateway.subscriber_client import add_subscriber, changed, connected, object_ids

pytestmark = pytest.mark.servers

# Every subject on which a delivery, an empty status or a reply of the server did harm in the services' account.
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
PROTECTED = ("$JS.API.STREAM", "ask.", "presence.", "annotation.")


async def until_quiet(subscription: Any) -> AsyncIterator[Any]:
    """The received messages, until none arrives for a moment."""
    with contextlib.suppress(nats.errors.TimeoutError):
        while True:
            yield await subscription.next_msg(timeout=0.3)


@pytest.mark.parametrize("reply", [*FORGED_REPLIES, "presence.{project}"])
async def test_replies_go_to_the_subscribers_own_inbox_only(
    gateway: Gateway, ada: Person, annotation: Bus, reply: str
) -> None:
    project = await ada.project()
    subscriber = await add_subscriber(ada, project)
    await annotation.publish(changed(project, "o1"))
    operator = await nats.connect(gateway.servers.nats.url("admin"))
    everything = await operator.subscribe(">")
    await operator.flush()

    async with connected(subscriber) as client:
        for body in (b"", b"{}", b'{"limit":1}', b"not JSON"):
            for subject in (subscriber["read_subject"], subscriber["commit_subject"]):
                await client.nats.publish(subject, body, reply=reply.format(project=project))
        await client.nats.flush()
        page = await client.read()
        subjects = [message.subject async for message in until_quiet(everything)]
    await operator.close()

    assert object_ids(page) == ["o1"]
    assert not [subject for subject in subjects if subject.startswith(PROTECTED)]


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
async def test_a_subscriber_cannot_use_other_subjects(ada: Person, subject: str) -> None:
    async with connected(await add_subscriber(ada, await ada.project())) as client:
        if subject != ">":
            await client.nats.publish(subject, b"{}")
        await client.nats.subscribe(subject)
        await client.nats.flush()
        await client.until_refused(1 if subject == ">" else 2)

        assert all("ermissions violation" in refused for refused in client.refused)


async def test_the_subscribers_account_has_no_streams(gateway: Gateway, ada: Person) -> None:
    delivery = await nats.connect(gateway.servers.nats.url("delivery"), allow_reconnect=False)

    with pytest.raises(nats.errors.Error):
        await delivery.jetstream(timeout=1).stream_info("ANNOTATION")
    await delivery.close()


async def test_a_wrong_password_and_a_deleted_subscriber_cannot_connect(gateway: Gateway, ada: Person) -> None:
    project = await ada.project()
    subscriber = await add_subscriber(ada, project)
    listed = (await ada.http.get(f"/projects/{project}/subscribers")).json()["items"]

    with pytest.raises(nats.errors.Error, match=r"(?i)authorization"):
        async with connected(subscriber | {"password": "wrong"}):
            pass
    deleted = await ada.http.delete(f"/projects/{project}/subscribers/{subscriber['id']}")
    with pytest.raises(nats.errors.Error, match=r"(?i)authorization"):
        async with connected(subscriber):
            pass

    assert "password" not in listed[0]
    assert deleted.status_code == 204
    assert gateway.servers.credentials.password("gateway") not in subscriber["server"]
