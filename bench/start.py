"""Seconds from `make up` to ready, with everything installed ÷ the CPU time needed, spread over all cores."""

import asyncio
import os
import sys
import tempfile
import time
from pathlib import Path

import psutil

from bench.report import Report, run
from deploy.local import services
from deploy.local.ports import Ports
from tests.stack import free_run_of_ports

GOAL = 2.5


def variables(home: str) -> dict[str, str]:
    """Settings of a stack that does not interfere with others on this machine."""
    ports = Ports.free()
    return {
        "TRACKLANE_HOME": home,
        "TRACKLANE_NATS_PORT": str(ports.nats),
        "TRACKLANE_MONGO_PORT": str(ports.mongo),
        "TRACKLANE_S3_PORT": str(ports.s3),
        "PORT": str(free_run_of_ports(len(services.PROCESSES))),
    }


async def start(settings: dict[str, str]) -> tuple[float, float, float]:
    """Seconds until ready, CPU seconds used, seconds until stopped."""
    # Compiled modules are cached, as with make.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    began = time.perf_counter()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "deploy.local.up", env={**environment, **settings}, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    while b"Tracklane is ready" not in (line := await process.stdout.readline()):
        assert line, "the stack ended"
    ready_s = time.perf_counter() - began
    parent = psutil.Process(process.pid)
    cpu_s = sum(sum(each.cpu_times()[:2]) for each in (parent, *parent.children(recursive=True)))
    while b"Sign in" not in await process.stdout.readline():
        pass
    await asyncio.sleep(1)
    began = time.perf_counter()
    process.terminate()
    await process.stdout.read()
    await process.wait()
    return ready_s, cpu_s, time.perf_counter() - began


async def main(report: Report) -> None:
    """Start once to prepare everything, then measure."""
    with tempfile.TemporaryDirectory() as home:
        settings = variables(str(Path(home)))
        first_s, _, _ = await start(settings)
        ready_s, cpu_s, stop_s = await start(settings)
    cores = os.cpu_count() or 1
    report.add("first start", first_s, "s")
    report.add("second start", ready_s, "s")
    report.add("second start, of its CPU time on all cores", ready_s / (cpu_s / cores), "ratio", at_most=GOAL)
    report.add("stop", stop_s, "s")


if __name__ == "__main__":
    run(main)
