"""Every message of a whole pipeline delivered a second time changes nothing."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import nats
import pytest
from nats.js.errors import NotFoundError

from common.contract.events import FACTS, JOBS
from common.messaging.topology import CONSUMERS, dead_letters
from tests.person import Json, Person, signed_in
from tests.stack import Stack, running_stack

pytestmark = [pytest.mark.servers, pytest.mark.slow]
CLIP = Path(__file__).parents[2] / "deploy/local/demo/clip.mp4"


@pytest.fixture(scope="module")
async def stack(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stack]:
    async with running_stack(tmp_path_factory.mktemp("twice")) as stack:
        yield stack


async def everything(person: Person, project: str, media_id: str) -> Json:
    """What a person sees of a project."""
    return {
        "media": await person.ask("GET", f"/projects/{project}/media"),
        "objects": await person.objects(media_id),
        "runs": await person.ask("GET", f"/projects/{project}/runs"),
        "exports": await person.ask("GET", f"/projects/{project}/exports"),
    }


async def test_every_message_delivered_twice_changes_nothing(stack: Stack) -> None:
    async with signed_in(stack) as ada:
        project = await ada.project()
        media_id = await ada.upload(project, CLIP)
        await ada.until_processed(media_id)
        await ada.auto_label(project, media_id)
        await ada.until(f"/media/{media_id}", lambda medium: medium["label_state"] == "auto")
        await ada.export(project, "COCO 1.0")
        before = await everything(ada, project, media_id)

        delivered = await publish_all_again(stack)
        await until_idle(stack)

        assert delivered > 10
        assert await everything(ada, project, media_id) == before


async def publish_all_again(stack: Stack) -> int:
    """Publish each message of each stream once more, past the server's own de-duplication."""
    client = await nats.connect(stack.servers.nats.url("admin"))
    jetstream = client.jetstream()
    delivered = 0
    for stream in sorted({event.stream for event in (*FACTS, *JOBS)}):
        last = (await jetstream.stream_info(stream)).state.last_seq
        for sequence in range(1, last + 1):
            try:
                message = await jetstream.get_msg(stream, seq=sequence)
            except NotFoundError:
                continue
            headers = {name: value for name, value in (message.headers or {}).items() if name != "Nats-Msg-Id"}
            await jetstream.publish(str(message.subject), message.data or b"", headers=headers)
            delivered += 1
    await client.close()
    return delivered


async def until_idle(stack: Stack) -> None:
    """Wait until no consumer has anything to do, and no message was given up."""
    client = await nats.connect(stack.servers.nats.url("admin"))
    jetstream = client.jetstream()
    async with asyncio.timeout(120):
        for consumer in CONSUMERS:
            while True:
                found = await jetstream.consumer_info(consumer.stream, consumer.durable)
                if not found.num_pending and not found.num_ack_pending:
                    break
                await asyncio.sleep(0.2)
    assert await dead_letters(jetstream) == []
    await client.close()
