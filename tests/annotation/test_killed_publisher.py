"""A publisher killed between publishing and marking: another one publishes the rest, without duplicates."""

import asyncio
import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

import nats
import pytest

from annotation.outbox.publisher import OutboxPublisher
from common.contract.events import AnnotationChanged
from common.messaging.bus import Bus
from common.service.settings import Settings
from deploy.local.servers import EmbeddedServers

pytestmark = pytest.mark.servers
PROGRAM = Path(__file__).with_name("killed_publisher.py")
STREAM = AnnotationChanged.stream


async def published(servers: EmbeddedServers, project_id: str) -> list[AnnotationChanged]:
    """The changes of a project in the stream, in order."""
    client = await nats.connect(servers.nats.url("admin"))
    subject = f"annotation.changed.v1.{project_id}"
    subscription = await client.jetstream().subscribe(subject, stream=STREAM, ordered_consumer=True)
    found = []
    try:
        while True:
            message = await subscription.next_msg(timeout=0.5)
            found.append(AnnotationChanged.model_validate_json(message.data))
    except nats.errors.TimeoutError:
        return found
    finally:
        await client.close()


async def test_changes_are_published_again_after_a_kill_before_the_mark(
    servers: EmbeddedServers, settings: Settings, medium: Any, edits: Any, stores: Any
) -> None:
    bus = Bus("annotation", settings)
    await bus.broker.connect()
    publishers = [OutboxPublisher(stores.changes, bus, stores.s3) for _ in range(2)]
    # Changes left by other tests would be published first.
    while await publishers[0].publish_pending():
        pass
    one = await medium.made()
    for revision in range(1, 10):
        await medium.apply(edits.move(one, revision, revision))

    process = await asyncio.create_subprocess_exec(
        sys.executable, str(PROGRAM), env=os.environ | servers.environment("annotation"), stderr=asyncio.subprocess.PIPE
    )
    _, complaint = await process.communicate()
    assert process.returncode == -signal.SIGKILL, complaint.decode()
    assert len(await published(servers, medium.project_id)) == 10
    assert (await stores.changes.backlog(time.time()))[0] >= 10
    await medium.apply(edits.move(one, 10, 10))

    while any(await asyncio.gather(*(publisher.publish_pending() for publisher in publishers))):
        pass
    await bus.broker.stop()

    assert [change.revision for change in await published(servers, medium.project_id)] == list(range(1, 12))
    assert await stores.changes.backlog(time.time()) == (0, 0.0)
