"""A relay that is killed after it published and before it noted so: another tells the rest, and nothing twice."""

import asyncio
import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

import nats
import pytest

from annotation.outbox.publisher import Relay
from common.contract.events import AnnotationChanged
from common.messaging.bus import Bus
from common.service.settings import Settings
from deploy.local.servers import EmbeddedServers

pytestmark = pytest.mark.servers
PROGRAM = Path(__file__).with_name("killed_publisher.py")
STREAM = AnnotationChanged.stream


async def told(servers: EmbeddedServers, project_id: str) -> list[AnnotationChanged]:
    """The changes of a project that are in the stream, in its order."""
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


async def test_a_relay_killed_before_it_noted_what_it_told(
    servers: EmbeddedServers, settings: Settings, medium: Any, edits: Any, stores: Any
) -> None:
    bus = Bus("annotation", settings)
    await bus.broker.connect()
    relays = [Relay(bus, stores.outbox, stores.media, stores.clips, stores.labels.changed) for _ in range(2)]
    # What other tests left would be told first.
    while await relays[0].publish():
        pass
    one = await medium.made()
    for revision in range(1, 10):
        await medium.apply(edits.move(one, revision, revision))

    process = await asyncio.create_subprocess_exec(
        sys.executable, str(PROGRAM), env=os.environ | servers.environment("annotation"), stderr=asyncio.subprocess.PIPE
    )
    _, complaint = await process.communicate()
    assert process.returncode == -signal.SIGKILL, complaint.decode()
    assert len(await told(servers, medium.project_id)) == 10
    assert (await stores.outbox.backlog(time.time()))[0] >= 10
    await medium.apply(edits.move(one, 10, 10))

    while any(await asyncio.gather(*(relay.publish() for relay in relays))):
        pass
    await bus.broker.stop()

    assert [change.revision for change in await told(servers, medium.project_id)] == list(range(1, 12))
    assert await stores.outbox.backlog(time.time()) == (0, 0.0)
