"""The ports of the embedded servers: configured for `make up`, free ones for tests."""

import random
import socket
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

# SeaweedFS listens for gRPC at each of its ports + 10,000.
GRPC_OFFSET = 10_000
S3_PORTS = ("S3", "S3 master", "S3 volumes", "S3 filer", "S3 metrics")
# With and without the gRPC offset, below Linux's range for outgoing connections (32768-60999), and apart from the
# documented ports, so that tests do not conflict with `make up`.
_FREE_RANGE = range(12_000, 16_900)


class PortTaken(Exception):
    """A port that the stack needs is in use."""

    def __init__(self, port: int, purpose: str, setting: str) -> None:
        super().__init__(
            f"Port {port} ({purpose}) is in use by another program. "
            f"Stop that program or choose another port: {setting}={port + 1000} make up"
        )


@dataclass(frozen=True)
class Port:
    """A port with its purpose and its setting."""

    number: int
    purpose: str
    setting: str


@dataclass(frozen=True)
class Ports:
    """The first port of each server; its further ports follow from it."""

    nats: int
    mongo: int
    s3: int
    nats_monitor: int

    @classmethod
    def configured(cls, environment: Mapping[str, str]) -> "Ports":
        """The ports of the settings, by default the fixed ones."""
        nats = int(environment.get("TRACKLANE_NATS_PORT", "4222"))
        return cls(
            nats=nats,
            nats_monitor=nats + 4000,
            mongo=int(environment.get("TRACKLANE_MONGO_PORT", "27017")),
            s3=int(environment.get("TRACKLANE_S3_PORT", "8333")),
        )

    @classmethod
    def free(cls) -> "Ports":
        """Unused ports, for tests that run at the same time as others and as `make up`."""
        first = next(start for start in _random_starts() if all(map(is_free, _block(start))))
        return cls(nats=first, nats_monitor=first + 1, mongo=first + 2, s3=first + 3)

    def of_nats(self) -> Iterator[Port]:
        yield Port(self.nats, "NATS", "TRACKLANE_NATS_PORT")
        yield Port(self.nats_monitor, "NATS monitoring", "TRACKLANE_NATS_PORT")

    def of_mongo(self) -> Iterator[Port]:
        yield Port(self.mongo, "MongoDB", "TRACKLANE_MONGO_PORT")

    def of_s3(self) -> Iterator[Port]:
        for number, purpose in enumerate(S3_PORTS, start=self.s3):
            yield Port(number, purpose, "TRACKLANE_S3_PORT")
            if purpose != "S3 metrics":
                yield Port(number + GRPC_OFFSET, f"{purpose}, gRPC", "TRACKLANE_S3_PORT")


def is_free(number: int) -> bool:
    """Whether the port is free on this machine."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", number))
        except OSError:
            return False
    return True


def refuse_taken(ports: Iterable[Port]) -> None:
    """Raise `PortTaken` for the first port in use."""
    for port in ports:
        if not is_free(port.number):
            raise PortTaken(port.number, port.purpose, port.setting)


def _random_starts() -> Iterator[int]:
    while True:
        yield random.choice(_FREE_RANGE)  # noqa: S311


def _block(start: int) -> Iterator[int]:
    for number in range(start, start + 3 + len(S3_PORTS)):
        yield number
        yield number + GRPC_OFFSET
