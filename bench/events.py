"""Events a second, published by a service and received by a reader, of raw JetStream publishes in the same run."""

import asyncio
import tempfile
import time
from pathlib import Path

import nats

from bench.report import Report, run
from common.contract.events import ExportChanged
from common.messaging import topology
from common.messaging.bus import Bus
from common.service.settings import Settings
from deploy.local.servers import EmbeddedServers, embedded_servers

EVENTS = 4000
IN_FLIGHT = 200
GOAL = 0.4


def event(number: int) -> ExportChanged:
    return ExportChanged(
        project_id="bench", export_id="bench", revision=number, name="x", format="y", state="running", progress=0.5
    )


async def raw_publishes(servers: EmbeddedServers) -> float:
    """Publishes a second with nats-py alone: the same bytes, the same stream, acknowledged."""
    client = await nats.connect(servers.nats.url("export"), inbox_prefix="_INBOX_export")
    jetstream = client.jetstream()
    body = event(0).model_dump_json().encode()
    started = time.perf_counter()
    for _ in range(0, EVENTS, IN_FLIGHT):
        await asyncio.gather(*(jetstream.publish("export.changed.v1.raw", body) for _ in range(IN_FLIGHT)))
    seconds = time.perf_counter() - started
    await client.close()
    return EVENTS / seconds


async def published_and_received(servers: EmbeddedServers) -> float:
    """Events a second from `publish` to a reader that follows the project."""
    bus = Bus("export", Settings.model_validate(servers.settings("export")))
    await bus.broker.connect()
    client = await nats.connect(servers.nats.url("admin"))
    received = asyncio.Event()
    count = 0

    async def count_one(_: object) -> None:
        nonlocal count
        count += 1
        if count == EVENTS:
            received.set()

    await client.jetstream().subscribe("export.changed.v1.bench", cb=count_one, ordered_consumer=True)
    started = time.perf_counter()
    for first in range(1, EVENTS + 1, IN_FLIGHT):
        await bus.publish(*(event(number) for number in range(first, first + IN_FLIGHT)))
    await asyncio.wait_for(received.wait(), 60)
    seconds = time.perf_counter() - started
    await bus.broker.stop()
    await client.close()
    return EVENTS / seconds


async def main(report: Report) -> None:
    """Measure both."""
    with tempfile.TemporaryDirectory() as home:
        async with embedded_servers(Path(home)) as servers:
            client = await nats.connect(servers.nats.url("admin"))
            await topology.reconcile(client.jetstream())
            await client.close()
            raw = await raw_publishes(servers)
            received = await published_and_received(servers)
    report.add("JetStream publishes, nats-py alone", raw, "events/s")
    report.add("events published by a service and received", received, "events/s")
    report.add("events received, of raw publishes", received / raw, "ratio", at_least=GOAL)


if __name__ == "__main__":
    run(main)
