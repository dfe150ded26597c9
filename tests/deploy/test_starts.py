"""Each container's own command, with its own variables and nothing else, runs on this machine against real servers.

A wrong name, port, variable or path in a manifest shows here, before a cluster sees it.
"""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from deploy.local.servers import EmbeddedServers, embedded_servers
from tests.deploy.rendered import SECRETS, SERVICES, Manifest, container, deployments, named, of_kind

pytestmark = pytest.mark.servers
READY_WITHIN_S = 60


@pytest.fixture(scope="module")
async def servers(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[EmbeddedServers]:
    """Real servers, with the streams and consumers that the topology Job of the manifests makes."""
    async with embedded_servers(tmp_path_factory.mktemp("servers")) as servers:
        home = tmp_path_factory.mktemp("topology")
        job = named("dev", "Job", "topology")
        process = await start(job, environment("dev", "topology", job, servers, home), home, port=0)
        assert await asyncio.wait_for(process.wait(), 60) == 0
        yield servers


def environment(overlay: str, name: str, manifest: Manifest, servers: EmbeddedServers, home: Path) -> dict[str, str]:
    """What the container gets in the cluster, with this machine's servers in its Secret."""
    secret = SECRETS[name] | servers.environment(name)
    if "TRACKLANE_NATS_ISSUER_SEED" in secret:
        secret["TRACKLANE_NATS_ISSUER_SEED"] = servers.credentials.nats_issuer_seed
    environment: dict[str, str] = {}
    for source in container(manifest)["envFrom"]:
        environment |= of_kind(overlay, "ConfigMap")[source["configMapRef"]["name"]]["data"]
    for variable in container(manifest)["env"]:
        environment[variable["name"]] = variable.get("value") or secret[variable["valueFrom"]["secretKeyRef"]["key"]]
    # The one place that a container may write to.
    return {key: value.replace("/tmp/", f"{home}/tmp/") for key, value in environment.items()}


async def start(manifest: Manifest, variables: dict[str, str], home: Path, port: int) -> asyncio.subprocess.Process:
    (home / "tmp").mkdir()
    (home / "work").mkdir()
    words = {"python": sys.executable, "8080": str(port)}
    command = [words.get(word, word) for word in container(manifest)["command"]]
    output = (home / "output").open("wb")
    return await asyncio.create_subprocess_exec(
        *command,
        env={**variables, "HOME": f"{home}/tmp", "TMPDIR": f"{home}/tmp"},
        cwd=home / "work",
        stdout=output,
        stderr=asyncio.subprocess.STDOUT,
    )


@asynccontextmanager
async def running(service: str, servers: EmbeddedServers, home: Path) -> AsyncIterator[str]:
    """A service as production's Deployment starts it; its address."""
    manifest, port = deployments("production")[service], free_port()
    process = await start(manifest, environment("production", service, manifest, servers, home), home, port)
    try:
        yield f"http://127.0.0.1:{port}"
        process.send_signal(signal.SIGTERM)
        patience = manifest["spec"]["template"]["spec"]["terminationGracePeriodSeconds"]
        code = await asyncio.wait_for(process.wait(), patience)
        assert code in (0, -signal.SIGTERM), f"{service} ended with {code}: {last_words(home)}"
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def until_ready(address: str, home: Path) -> None:
    last_answer = "nothing"
    async with httpx.AsyncClient(trust_env=False, timeout=5) as client:
        for _ in range(READY_WITHIN_S * 5):
            await asyncio.sleep(0.2)
            try:
                answer = await client.get(f"{address}/ready")
            except httpx.HTTPError as error:
                last_answer = repr(error)
                continue
            last_answer = answer.text
            if answer.status_code == httpx.codes.OK:
                return
    pytest.fail(f"not ready within {READY_WITHIN_S} s: {last_answer}\n{last_words(home)}")


def last_words(home: Path) -> str:
    return (home / "output").read_text(errors="replace")[-3000:]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        number: int = probe.getsockname()[1]
        return number


@pytest.mark.parametrize("service", SERVICES)
async def test_the_containers_command_becomes_ready_and_stops_cleanly(
    service: str, servers: EmbeddedServers, tmp_path: Path
) -> None:
    async with running(service, servers, tmp_path) as address:
        await until_ready(address, tmp_path)
        async with httpx.AsyncClient(trust_env=False, timeout=5, base_url=address) as client:
            assert (await client.get("/live")).status_code == httpx.codes.OK
            assert "tracklane_" in (await client.get("/metrics")).text

    assert os.listdir(tmp_path / "work") == [], "it wrote where a container may not"  # noqa: PTH208
