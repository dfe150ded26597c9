"""Servers of tests, with the streams that the services need."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import nats

from common.messaging import topology
from deploy.local.servers import EmbeddedServers, embedded_servers


@asynccontextmanager
async def servers_with_streams(folder: Path) -> AsyncIterator[EmbeddedServers]:
    """NATS, MongoDB and the object store, with all streams and consumers."""
    async with embedded_servers(folder) as servers:
        client = await nats.connect(servers.nats.url("admin"))
        await topology.reconcile(client.jetstream())
        await client.close()
        yield servers
