"""Servers of tests, with the streams that the services need."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import nats

from common.messaging import topology
from deploy.local.credentials import Credentials
from deploy.local.output import LogFiles
from deploy.local.ports import Ports
from deploy.local.s3_server import S3Server
from deploy.local.servers import EmbeddedServers, Running, embedded_servers


@asynccontextmanager
async def servers_with_streams(folder: Path) -> AsyncIterator[EmbeddedServers]:
    """NATS, MongoDB and the object store, with all streams and consumers."""
    async with embedded_servers(folder) as servers:
        client = await nats.connect(servers.nats.url("admin"))
        await topology.reconcile(client.jetstream())
        await client.close()
        yield servers


@asynccontextmanager
async def running_s3(folder: Path) -> AsyncIterator[S3Server]:
    """A separate object store."""
    server, logs = S3Server(folder, Ports.free(), Credentials.of(folder)), LogFiles(folder / "logs")
    child = Running(server, logs.write)
    await child.start()
    yield server
    await child.stop()
    logs.close()
