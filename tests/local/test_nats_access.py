"""Who may do what on the real NATS server: services by the declared table, ML platforms by the gateway's word."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import nats
import pytest
from nats.aio.client import Client
from nats.aio.msg import Msg

from deploy.local.child import Child
from deploy.local.credentials import Credentials
from deploy.local.nats_server import ACCOUNT, NatsServer
from deploy.local.ports import Ports
from gateway.subscribers.jwt import REQUEST_SUBJECT, Permissions, admit, read_request, refuse

pytestmark = pytest.mark.servers


def permissions(user: str) -> dict[str, list[str]]:
    """A small table: each user its own facts, questions and inbox."""
    if user == "admin":
        return {"publish": [">"], "subscribe": [">"]}
    asks = {"publish": [f"{user}.fact.>", "ask.>"], "subscribe": [f"ask.{user}.*", f"_INBOX_{user}.>"]}
    if user == "gateway":
        asks["subscribe"].append(REQUEST_SUBJECT)
    return asks


@pytest.fixture(scope="module")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[NatsServer]:
    home: Path = tmp_path_factory.mktemp("nats")
    server = NatsServer(home, Ports.free(), Credentials.of(home), permissions)
    child = Child(server.prepare(), lambda _, line: print(line))
    await child.start()
    await child.until_ready()
    yield server
    await child.stop()


class Connection:
    """A client and the permission errors that the server reported."""

    def __init__(self) -> None:
        self.errors: list[str] = []
        self.client = Client()

    async def open(self, server: NatsServer, user: str) -> "Connection":
        async def note(error: Exception) -> None:
            self.errors.append(str(error))

        await self.client.connect(
            server.url(user), error_cb=note, inbox_prefix=f"_INBOX_{user}".encode(), allow_reconnect=False
        )
        return self

    async def denied(self) -> bool:
        """Whether the server refused something of what was sent so far."""
        await self.client.flush()
        await asyncio.sleep(0.05)
        return any("ermissions violation" in error for error in self.errors)


Connect = Callable[[str], Awaitable[Connection]]


@pytest.fixture
async def connect(server: NatsServer) -> AsyncIterator[Connect]:
    opened: list[Client] = []

    async def open_as(user: str) -> Connection:
        connection = await Connection().open(server, user)
        opened.append(connection.client)
        return connection

    yield open_as
    for client in opened:
        await client.close()


async def test_a_service_publishes_its_own_facts(connect: Connect) -> None:
    ingest = await connect("ingest")

    await ingest.client.publish("ingest.fact.v1.acme", b"")

    assert not await ingest.denied()


async def test_a_service_publishes_no_other_services_facts(connect: Connect) -> None:
    ingest = await connect("ingest")

    await ingest.client.publish("frames.fact.v1.acme", b"")

    assert await ingest.denied()


async def test_a_service_reads_no_other_services_questions_and_answers(connect: Connect) -> None:
    for subject in ("ask.annotation.edit", "_INBOX_gateway.>", ">", REQUEST_SUBJECT):
        ingest = await connect("ingest")

        await ingest.client.subscribe(subject)

        assert await ingest.denied(), subject


async def test_the_asked_service_may_answer(connect: Connect) -> None:
    frames, gateway = await connect("frames"), await connect("gateway")

    async def answer(message: Msg) -> None:
        await message.respond(b"25 fps")

    await frames.client.subscribe("ask.frames.probe", cb=answer)
    await frames.client.flush()

    reply = await gateway.client.request("ask.frames.probe", b"", timeout=2)

    assert reply.data == b"25 fps"


async def test_a_wrong_password_of_a_service_is_refused(server: NatsServer) -> None:
    with pytest.raises(nats.errors.Error, match=r"(?i)authorization"):
        await refused(server, user="ingest", password="wrong")


class Answerer:
    """The smallest possible gateway: knows one subscriber, counts how often it was asked."""

    def __init__(self, credentials: Credentials) -> None:
        self.credentials = credentials
        self.asked: list[str] = []

    async def answer(self, message: Msg) -> None:
        request = read_request(message.data, self.credentials.nats_issuer)
        self.asked.append(request.user)
        seed, now_s = self.credentials.nats_issuer_seed, int(time.time())
        if (request.user, request.password) != ("acme-trainer", "token"):
            await message.respond(refuse(request, "wrong token", issuer_seed=seed, now_s=now_s))
            return
        allowed = Permissions(publish=["acme.out"], subscribe=["acme.in", "_INBOX_acme.>"])
        await message.respond(admit(request, allowed, account=ACCOUNT, issuer_seed=seed, now_s=now_s))


@pytest.fixture
async def answerer(server: NatsServer, connect: Connect) -> Answerer:
    gateway = await connect("gateway")
    answerer = Answerer(server.credentials)
    await gateway.client.subscribe(REQUEST_SUBJECT, cb=answerer.answer)
    await gateway.client.flush()
    return answerer


async def refused(server: NatsServer, *, user: str, password: str, within_s: int = 5) -> None:
    """Connect as an outsider and fail with the server's reason."""
    client = Client()
    await client.connect(
        server.address,
        user=user,
        password=password,
        allow_reconnect=False,
        connect_timeout=within_s,
    )
    await client.close()


async def test_the_gateway_admits_an_ml_platform_with_its_token(
    server: NatsServer, answerer: Answerer, connect: Connect
) -> None:
    admin = await connect("admin")
    platform = await nats.connect(server.address, user="acme-trainer", password="token", allow_reconnect=False)
    inbox = await platform.subscribe("acme.in")
    await platform.flush()

    await admin.client.publish("acme.in", b"a change")

    assert (await inbox.next_msg(timeout=2)).data == b"a change"
    assert answerer.asked == ["acme-trainer"]
    await platform.close()


async def test_an_ml_platform_has_only_what_the_gateway_granted(server: NatsServer, answerer: Answerer) -> None:
    for act in ("subscribe", "publish"):
        errors: list[str] = []

        async def note(error: Exception, errors: list[str] = errors) -> None:
            errors.append(str(error))

        platform = await nats.connect(
            server.address, user="acme-trainer", password="token", error_cb=note, allow_reconnect=False
        )
        await (platform.subscribe("globex.in") if act == "subscribe" else platform.publish("ingest.fact.v1.x", b""))
        await platform.flush()
        await asyncio.sleep(0.05)

        assert any("ermissions violation" in error for error in errors), act
        await platform.close()


@pytest.mark.parametrize(("user", "password"), [("acme-trainer", "wrong"), ("nobody", "token"), ("", "")])
async def test_a_client_refused_by_the_gateway_stays_out(
    server: NatsServer, answerer: Answerer, user: str, password: str
) -> None:
    with pytest.raises(nats.errors.Error, match=r"(?i)authorization"):
        await refused(server, user=user, password=password)


async def test_services_connect_without_the_gateway(answerer: Answerer, connect: Connect) -> None:
    await connect("ingest")

    assert answerer.asked == []


async def test_without_a_gateway_no_outside_client_connects(server: NatsServer) -> None:
    with pytest.raises(TimeoutError):
        await refused(server, user="acme-trainer", password="token", within_s=1)
