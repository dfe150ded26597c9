"""A gateway on real servers, and its users."""

import asyncio
import email
import email.policy
import re
import secrets
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from fastapi import FastAPI

from common.contract.questions import GetMedium
from common.messaging.bus import Bus
from common.service.settings import Settings
from common.storage.mongo import Database, database
from deploy.local.servers import EmbeddedServers
from gateway.app import create
from gateway.settings import GatewaySettings
from tests.gateway.stub_services import StubServices, medium_of, stub_services
from tests.servers import servers_with_streams

PASSWORD = "correct horse battery"


@dataclass
class Gateway:
    """A running gateway with its dependencies."""

    app: FastAPI
    url: str
    home: Path
    servers: EmbeddedServers

    @property
    def database(self) -> Database:
        """The gateway's database."""
        return database(self.app.state.dependencies.settings)

    def browser(self, **headers: str) -> httpx.AsyncClient:
        """A client that sends the headers of the browser application."""
        return httpx.AsyncClient(
            base_url=f"{self.url}/api/v1", headers={"Origin": self.url} | headers, trust_env=False, timeout=60
        )

    def mails_to(self, address: str) -> list[email.message.EmailMessage]:
        """The emails to an address, oldest first."""
        paths = sorted((self.home / "mail").glob("*.eml"))
        mails = [email.message_from_bytes(path.read_bytes(), policy=email.policy.default) for path in paths]
        return [mail for mail in mails if address in str(mail["To"])]

    def link_to(self, address: str) -> str:
        """The link in the last email to an address."""
        body = self.mails_to(address)[-1].get_body(("plain",))
        assert body is not None
        found = re.search(r"https?://\S+", body.get_content())
        assert found is not None
        return found.group()


def service_settings(servers: EmbeddedServers, service: str) -> Settings:
    """The settings with which another service would connect."""
    values: dict[str, Any] = {**servers.settings(service)}
    return Settings(**values)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@asynccontextmanager
async def running_gateway(servers: EmbeddedServers, home: Path, **settings: Any) -> AsyncIterator[Gateway]:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    values: dict[str, Any] = {
        **servers.settings("gateway"),
        "home": home,
        "public_url": url,
        "log_json": False,
        "log_level": "ERROR",
        "nats_issuer_seed": servers.credentials.nats_issuer_seed,
        "nats_delivery_url": servers.nats.url("delivery"),
    }
    app = create(GatewaySettings(**(values | settings)))
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="error", timeout_graceful_shutdown=1))
    serving = asyncio.create_task(server.serve())
    async with httpx.AsyncClient(trust_env=False) as client, asyncio.timeout(30):
        while not server.started or (await client.get(f"{url}/ready")).status_code != 200:
            await asyncio.sleep(0.05)
    while app.state.dependencies.connections.sequence is None:
        await asyncio.sleep(0.02)
    yield Gateway(app, url, home, servers)
    server.should_exit = True
    await serving


@pytest.fixture(scope="session")
async def servers(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[EmbeddedServers]:
    async with servers_with_streams(tmp_path_factory.mktemp("gateway-servers")) as servers:
        yield servers


@pytest.fixture(scope="session")
async def gateway(servers: EmbeddedServers, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Gateway]:
    async with running_gateway(servers, tmp_path_factory.mktemp("gateway-home")) as gateway:
        yield gateway


@pytest.fixture(scope="module")
async def annotation(gateway: Gateway) -> AsyncIterator[Bus]:
    """The bus of the annotation service, to publish its events."""
    bus = Bus("annotation", service_settings(gateway.servers, "annotation"))
    await bus.broker.connect()
    yield bus
    await bus.broker.stop()


@dataclass
class Person:
    """A user signed in with a browser."""

    id: str
    name: str
    email: str
    http: httpx.AsyncClient

    async def project(self, name: str = "Streets") -> str:
        made = await self.http.post("/projects", json={"name": name, "task_kind": "video"})
        assert made.status_code == 201, made.text
        return str(made.json()["id"])


def form(address: str, **other: Any) -> dict[str, Any]:
    """A valid sign-up form."""
    return {
        "name": "Ada",
        "email": address,
        "password": PASSWORD,
        "password_again": PASSWORD,
        "accepted_terms": "2026-11",
    } | other


def new_address(name: str = "ada") -> str:
    return f"{name.lower()}-{secrets.token_hex(4)}@example.org"


@asynccontextmanager
async def signed_in(gateway: Gateway, name: str = "Ada") -> AsyncIterator[Person]:
    """A new user who signed up, verified the email and signed in."""
    address = new_address(name)
    async with gateway.browser() as http:
        made = await http.post("/accounts", json=form(address, name=name))
        assert made.status_code == 201, made.text
        assert (await http.get(gateway.link_to(address))).status_code == 200
        entered = await http.post("/session", json={"email": address, "password": PASSWORD})
        assert entered.status_code == 204, entered.text
        yield Person(made.json()["id"], name, address, http)


@pytest.fixture(scope="module")
async def ada(gateway: Gateway) -> AsyncIterator[Person]:
    async with signed_in(gateway) as person:
        yield person


@pytest.fixture(scope="module")
async def eve(gateway: Gateway) -> AsyncIterator[Person]:
    async with signed_in(gateway, "Eve") as person:
        yield person


@pytest.fixture
async def project(ada: Person) -> str:
    """A new project of Ada's."""
    return await ada.project()


@pytest.fixture
def medium(project: str) -> str:
    """A medium of that project, according to `services`."""
    return f"m-{project}"


@pytest.fixture
async def services(gateway: Gateway, project: str) -> AsyncIterator[StubServices]:
    """Stub services; every medium belongs to the project and has 250 frames."""
    async with stub_services(gateway.servers.nats.url("admin")) as services:
        await services.answer(GetMedium, medium_of(project))
        yield services
