"""The six services as programs: ports, variables, readiness."""

import sys
from collections.abc import Iterator

from deploy.local.child import Program
from deploy.local.ports import Port
from deploy.local.probe import serves
from deploy.local.servers import Servers

# One port each, counted from the gateway's. Inference runs twice: two processes with one thread use two cores better
# than one process with two threads.
PROCESSES = ("gateway", "ingest", "frames", "annotation", "inference", "inference-2", "export")


def ports(gateway_port: int) -> Iterator[Port]:
    """The gateway's port and, after it, the operations port of each other process."""
    for number, process in enumerate(PROCESSES, start=gateway_port):
        yield Port(number, process, "PORT")


def programs(servers: Servers, gateway_port: int) -> list[Program]:
    """The programs to run when servers and streams exist."""
    return [_program(port.purpose, port.number, servers, public_url(gateway_port)) for port in ports(gateway_port)]


def topology(servers: Servers) -> Program:
    """Creates the streams and consumers, for which the services wait."""
    return Program(
        "topology", [sys.executable, "-m", "common.messaging.topology"], servers.environment("topology"), once=True
    )


def public_url(gateway_port: int) -> str:
    return f"http://127.0.0.1:{gateway_port}"


def variables(service: str, servers: Servers, public: str) -> dict[str, str]:
    """The whole environment of a service of this stack."""
    return {
        **servers.environment(service),
        "TRACKLANE_HOME": str(servers.home),
        "TRACKLANE_PUBLIC_URL": public,
        "TRACKLANE_LOG_JSON": "false",
        "PYTHONUNBUFFERED": "1",
    }


def _program(process: str, port: int, servers: Servers, public: str) -> Program:
    service = process.split("-", maxsplit=1)[0]
    command = [sys.executable, "-m", "uvicorn", "--factory", f"{service}.app:create"]
    command += ["--host", "127.0.0.1", "--port", str(port), "--log-level", "warning"]
    # Longer than clients and proxies keep an idle connection: closing it first would lose a request.
    command += ["--timeout-keep-alive", "75"]
    # The live stream of a browser stays open.
    command += ["--timeout-graceful-shutdown", "3"]

    return Program(process, command, variables(service, servers, public), ready=lambda: serves(port, "/ready"))
