"""Real NATS, S3 and MongoDB servers on one machine: under `make up`, and for tests that kill them.

Tests write `async with embedded_servers(tmp_path) as servers:` and then `Settings(**servers.settings("ingest"))`, or
`await servers.run["nats"].kill()` and `await servers.run["nats"].start()`: the same port, the same data.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Protocol
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from deploy.local.child import Child, Program
from deploy.local.credentials import Credentials
from deploy.local.mongo_server import MongoServer
from deploy.local.nats_server import DELIVERY, NatsServer, Permissions, declared_permissions
from deploy.local.output import LogFiles, Write
from deploy.local.ports import Port, Ports, refuse_taken
from deploy.local.s3_server import S3Server


class Server(Protocol):
    """The interface of NatsServer, S3Server and MongoServer."""

    name: str
    ports: list[Port]

    def prepare(self) -> Program:
        """Write the files that the server reads at its start; returns the program to run."""


class Servers:
    """The servers of one home; those in `outside` are external ones with these URLs."""

    def __init__(
        self,
        home: Path,
        ports: Ports,
        *,
        outside: Mapping[str, str] | None = None,
        permissions: Permissions = declared_permissions,
    ) -> None:
        self.home = home.resolve()
        self.credentials = Credentials.of(self.home)
        self._outside = outside or {}
        self.nats = NatsServer(self.home, ports, self.credentials, permissions)
        self.s3 = S3Server(self.home, ports, self.credentials)
        self.mongo = MongoServer(self.home, ports, self.credentials)

    @property
    def embedded(self) -> list[Server]:
        """The servers that run on this machine."""
        servers: list[Server] = [self.nats, self.s3, self.mongo]
        return [server for server in servers if not self._outside.get(f"TRACKLANE_{server.name.upper()}_URL")]

    def environment(self, service: str) -> dict[str, str]:
        """The environment variables with the URLs of a service's servers, each with the service's user."""
        nats, s3, mongo = (self._outside.get(f"TRACKLANE_{name}_URL") for name in ("NATS", "S3", "MONGO"))
        variables = {
            "TRACKLANE_NATS_URL": nats or self.nats.url(service),
            "TRACKLANE_S3_URL": s3 or self.s3.url,
            "TRACKLANE_MONGO_URL": own_database(mongo, service) if mongo else self.mongo.url(service),
        }
        if service == "gateway" and not nats:  # it authenticates and serves subscribers
            variables["TRACKLANE_NATS_ISSUER_SEED"] = self.credentials.nats_issuer_seed
            variables["TRACKLANE_NATS_DELIVERY_URL"] = self.nats.url(DELIVERY)
        return variables

    def settings(self, service: str) -> dict[str, str]:
        """The same values as arguments of a `Settings` class."""
        return {name.removeprefix("TRACKLANE_").lower(): url for name, url in self.environment(service).items()}


class Running:
    """A server that can be stopped, killed and restarted with the same ports and data."""

    def __init__(self, server: Server, write: Write) -> None:
        self._server = server
        self._child = Child(server.prepare(), write)

    @property
    def pid(self) -> int:
        return self._child.pid

    async def start(self) -> None:
        """Start it and wait until it serves."""
        refuse_taken(self._server.ports)
        await self._child.start()
        await self._child.until_ready()

    async def stop(self) -> None:
        """Stop it gracefully."""
        await self._child.stop()

    async def kill(self) -> None:
        """Kill it, like a power failure."""
        await self._child.kill()


class EmbeddedServers(Servers):
    """Three servers that a test controls: `run["nats"].kill()`."""

    def __init__(self, home: Path, ports: Ports, permissions: Permissions) -> None:
        super().__init__(home, ports, permissions=permissions)
        self._logs = LogFiles(self.home / "logs")
        self.run = {server.name: Running(server, self._logs.write) for server in self.embedded}

    async def start(self) -> None:
        await asyncio.gather(*(server.start() for server in self.run.values()))

    async def stop(self) -> None:
        await asyncio.gather(*(server.stop() for server in self.run.values()))
        self._logs.close()


@asynccontextmanager
async def embedded_servers(
    home: Path, ports: Ports | None = None, permissions: Permissions = declared_permissions
) -> AsyncIterator[EmbeddedServers]:
    """All three servers, ready, with their data in `home`, by default on free ports."""
    servers = EmbeddedServers(home, ports or Ports.free(), permissions)
    try:
        await servers.start()
        yield servers
    finally:
        await servers.stop()


def own_database(mongo_url: str, service: str) -> str:
    """The URL of a service's database on an external server, with the credentials of the given URL."""
    url = urlsplit(mongo_url)
    query = dict(parse_qsl(url.query))
    if url.username and "authSource" not in query:
        query["authSource"] = url.path.strip("/") or "admin"
    return urlunsplit(url._replace(path=f"/{service}", query=urlencode(query)))
