"""The whole product on this machine for tests: real servers, the six services as processes that can be killed."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from deploy.local import services
from deploy.local.child import Child
from deploy.local.output import LogFiles
from deploy.local.ports import Ports, is_free
from deploy.local.servers import EmbeddedServers, embedded_servers


class Stack:
    """Servers, services and where they are; `run["frames"].kill()` is a power cut."""

    def __init__(self, servers: EmbeddedServers, gateway_port: int, only: tuple[str, ...] | None) -> None:
        self.servers = servers
        self.url = services.public_url(gateway_port)
        self.home = servers.home
        self._logs = LogFiles(servers.home / "logs")
        programs = services.programs(servers, gateway_port)
        self.run = {
            program.name: Child(program, self._logs.write)
            for program in programs
            if only is None or program.name in only
        }
        self._topology = Child(services.topology(servers), self._logs.write)

    async def start(self) -> None:
        """Start everything and wait until it is ready."""
        await self._topology.start()
        if code := await self._topology.wait():
            raise RuntimeError(f"topology ended with {code}; see {self.home / 'logs'}")
        await asyncio.gather(*(child.start() for child in self.run.values()))
        await self.until_ready()

    async def until_ready(self) -> None:
        """Wait until every service is ready."""
        await asyncio.gather(*(child.until_ready() for child in self.run.values()))

    async def stop(self) -> None:
        """End everything."""
        await asyncio.gather(*(child.stop() for child in self.run.values()))
        self._logs.close()

    async def kill(self, name: str) -> None:
        """`kill -9` a service and everything it started."""
        await self.run[name].kill()

    async def revive(self, name: str, wait: bool = True) -> None:
        """Start a killed service again, on the same port."""
        await self.run[name].start()
        if wait:
            await self.run[name].until_ready()

    @property
    def mail(self) -> Path:
        """Where mails are written."""
        return self.home / "mail"


def free_run_of_ports(count: int) -> int:
    """The first of `count` neighbouring ports that nothing uses."""
    while True:
        first = random.randrange(22_100, 32_000)
        if all(is_free(port) for port in range(first, first + count)):
            return first


@asynccontextmanager
async def running_stack(home: Path, only: tuple[str, ...] | None = None) -> AsyncIterator[Stack]:
    """The product, ready; `only` names the processes to run, all of them by default."""
    async with embedded_servers(home, Ports.free()) as servers:
        stack = Stack(servers, free_run_of_ports(len(services.PROCESSES)), only)
        try:
            await stack.start()
            yield stack
        finally:
            await stack.stop()
