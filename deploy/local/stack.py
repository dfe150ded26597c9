"""The whole product on one machine: the parts of a stack and its settings."""

import fcntl
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from deploy.local import services
from deploy.local.child import Program
from deploy.local.ports import Ports, refuse_taken
from deploy.local.servers import Servers


class AlreadyRunning(Exception):
    """Another stack uses the same data."""


@dataclass(frozen=True)
class Stack:
    """The servers and the services of one home."""

    servers: Servers
    port: int

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> "Stack":
        """The stack of the environment variables: TRACKLANE_HOME, PORT, external servers, other ports."""
        home = Path(environment.get("TRACKLANE_HOME") or ".tracklane")
        servers = Servers(home, Ports.configured(environment), outside=environment)
        return cls(servers, int(environment.get("PORT") or "8080"))

    @property
    def home(self) -> Path:
        return self.servers.home

    @property
    def url(self) -> str:
        return services.public_url(self.port)

    def refuse_taken_ports(self) -> None:
        """Refuse to start when a port is in use.

        Raises:
            PortTaken: with the setting that chooses another.
        """
        for server in self.servers.embedded:
            refuse_taken(server.ports)
        refuse_taken(services.ports(self.port))

    def levels(self) -> list[list[Program]]:
        """The programs by level; each level starts when the previous one is ready."""
        return [
            [server.prepare() for server in self.servers.embedded],
            # Services wait for their streams. Starting both at once saves 2 s.
            [services.topology(self.servers), *services.programs(self.servers, self.port)],
        ]

    def variables(self, service: str) -> dict[str, str]:
        """The environment of a command that runs as a service of this stack."""
        return services.variables(service, self.servers, self.url)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Lock the home folder, so that two stacks never write the same data.

        Raises:
            AlreadyRunning: another stack holds the lock.
        """
        lock = os.open(self.home / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise AlreadyRunning(
                f"Tracklane already runs on {self.home}. Stop it first, or use other data: TRACKLANE_HOME=… make up"
            ) from error
        try:
            yield
        finally:
            os.close(lock)
