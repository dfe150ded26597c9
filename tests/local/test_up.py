"""`make up` as a person sees it: one line when it is ready, a demo to sign in to, a clean end."""

import asyncio
import os
import re
import signal
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import psutil
import pytest

from deploy.local import services
from deploy.local.ports import Ports, is_free
from tests.stack import free_run_of_ports

pytestmark = [pytest.mark.servers, pytest.mark.slow]
ROOT = Path(__file__).parents[2]


def variables(home: Path) -> dict[str, str]:
    free = Ports.free()
    assert is_free(free.nats + 4000)
    return {
        "TRACKLANE_HOME": str(home),
        "PORT": str(free_run_of_ports(len(services.PROCESSES))),
        "TRACKLANE_NATS_PORT": str(free.nats),
        "TRACKLANE_MONGO_PORT": str(free.mongo),
        "TRACKLANE_S3_PORT": str(free.s3),
    }


class Up:
    """A running `make up` and what it printed."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.lines: list[str] = []

    async def line(self, pattern: str, within_s: float) -> re.Match[str]:
        """The next line that matches."""
        assert self.process.stdout is not None
        async with asyncio.timeout(within_s):
            while line := (await self.process.stdout.readline()).decode():
                self.lines.append(line)
                if found := re.search(pattern, line):
                    return found
        raise AssertionError("".join(self.lines))

    async def end(self) -> list[psutil.Process]:
        """Press Ctrl-C; gives the children that are still there afterwards."""
        children = psutil.Process(self.process.pid).children(recursive=True)
        self.process.send_signal(signal.SIGINT)
        async with asyncio.timeout(20):
            while await self.process.stdout.read(65_536):  # type: ignore[union-attr]
                pass
            await self.process.wait()
        return [child for child in children if child.is_running() and child.status() != psutil.STATUS_ZOMBIE]


@asynccontextmanager
async def up(environment: dict[str, str]) -> AsyncIterator[Up]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "deploy.local.up",
        cwd=ROOT,
        env={**os.environ, **environment},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        yield Up(process)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def test_a_first_start_shows_a_labeled_clip_and_a_second_one_restarts_killed_services(tmp_path: Path) -> None:
    environment = variables(tmp_path)

    async with up(environment) as first:
        url = (await first.line(r"Tracklane is ready at (\S+)", within_s=120)).group(1)
        address, password = (await first.line(r"with (\S+) and the password (\S+)", within_s=30)).groups()
        await demo_is_labeled(url, address, password)
        assert await first.end() == []
    assert url == f"http://127.0.0.1:{environment['PORT']}"

    async with up(environment) as second:
        # `make bench-start` measures it; here other tests may keep the machine busy.
        await second.line("Tracklane is ready at", within_s=120)
        await second.line(re.escape(password), within_s=5)
        await until_restarted(second, url, address, password)
        assert await second.end() == []


async def until_restarted(stack: Up, url: str, address: str, password: str) -> None:
    """Kill MongoDB and the gateway, and wait until a person can sign in again."""
    for child in psutil.Process(stack.process.pid).children():
        if {"mongod", "gateway.app:create"} & {Path(word).name for word in child.cmdline()}:
            child.kill()

    deadline = time.monotonic() + 60
    async with httpx.AsyncClient(base_url=f"{url}/api/v1", headers={"Origin": url}, timeout=30) as http:
        while not await can_sign_in(http, address, password):
            assert time.monotonic() < deadline
            await asyncio.sleep(0.5)


async def can_sign_in(http: httpx.AsyncClient, address: str, password: str) -> bool:
    try:
        return (await http.post("/session", json={"email": address, "password": password})).is_success
    except httpx.TransportError:
        return False


async def demo_is_labeled(url: str, address: str, password: str) -> None:
    async with httpx.AsyncClient(base_url=f"{url}/api/v1", headers={"Origin": url}, timeout=30) as http:
        signed_in = await http.post("/session", json={"email": address, "password": password})
        assert signed_in.is_success, signed_in.text
        (project,) = (await http.get("/projects")).json()["items"]
        deadline = time.monotonic() + 60
        categories: set[str] = set()
        while not {"person", "cat"} <= categories:
            assert time.monotonic() < deadline, categories
            await asyncio.sleep(0.5)
            for medium in (await http.get(f"/projects/{project['id']}/media")).json()["items"]:
                objects = (await http.get(f"/media/{medium['id']}/objects")).json()["items"]
                categories |= {found["category"].lower() for found in objects}


async def test_a_taken_port_ends_the_start_with_a_clear_error(tmp_path: Path) -> None:
    environment = variables(tmp_path)
    blocker = await asyncio.start_server(lambda *_: None, "127.0.0.1", int(environment["PORT"]))

    async with blocker, up(environment) as stack:
        await stack.line(rf"Port {environment['PORT']} \(gateway\) is in use", within_s=20)
        assert await stack.process.wait() == 1
