"""The bus on real servers: requests and answers, events and redelivery, dead letters."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import httpx
import nats
import pytest
from faststream.nats import NatsRouter

from common.contract import questions
from common.contract.errors import ErrorKind, Problem
from common.contract.events import ExportChanged, WriteExport
from common.messaging import topology
from common.messaging.bus import Bus
from common.messaging.delivery import consume, consume_dead_letters
from common.messaging.handlers import request_handler
from common.messaging.rejected import Rejected
from common.service.app import service
from common.service.settings import Settings
from deploy.local.servers import EmbeddedServers
from tests.servers import servers_with_streams

pytestmark = pytest.mark.servers


@pytest.fixture(scope="module")
async def servers(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[EmbeddedServers]:
    async with servers_with_streams(tmp_path_factory.mktemp("bus")) as servers:
        yield servers


def bus_of(servers: EmbeddedServers, name: str) -> Bus:
    return Bus(name, Settings.model_validate({**servers.settings(name), "log_json": False}))


async def eventually(true: Callable[[], bool], within_s: float = 15) -> None:
    async with asyncio.timeout(within_s):
        while not true():
            await asyncio.sleep(0.02)


class Seen:
    def __init__(self) -> None:
        self.jobs: list[str] = []
        self.dead: list[str] = []
        self.listed: list[str] = []
        self.fail_times = 0


@pytest.fixture(scope="module")
async def seen() -> Seen:
    return Seen()


@pytest.fixture(scope="module")
async def bus(servers: EmbeddedServers, seen: Seen) -> AsyncIterator[Bus]:
    router = NatsRouter()

    @router.subscriber(**request_handler(questions.ListFormats))
    async def formats(question: questions.ListFormats) -> questions.FormatList:
        names = [f"format {number} {'x' * 100}" for number in range(10_000)]
        return questions.FormatList.model_validate(
            {"items": [{"name": n, "can_export": True, "can_import": False, "cannot_carry": []} for n in names]}
        )

    @router.subscriber(**request_handler(questions.GetExport))
    async def get(question: questions.GetExport) -> questions.Export:
        raise Problem.of_field("export_id", "name_reserved", name=question.export_id)

    @router.subscriber(**request_handler(questions.StartExport))
    async def start(question: questions.StartExport) -> questions.Export:
        raise RuntimeError("internal details")

    @router.subscriber(**request_handler(questions.ListImports))
    async def list_imports(question: questions.ListImports) -> questions.ImportList:
        seen.listed.append(question.project_id)
        return questions.ImportList(items=[])

    @router.subscriber(**consume(WriteExport, by="export"))
    async def write(job: WriteExport) -> None:
        seen.jobs.append(job.export_id)
        if job.export_id == "hopeless":
            raise Rejected("never")
        if job.export_id == "later" and seen.jobs.count("later") < 3:
            raise OSError("not yet")

    @router.subscriber(**consume_dead_letters(WriteExport, by="export"))
    async def dead(job: WriteExport) -> None:
        seen.dead.append(job.export_id)

    bus = bus_of(servers, "export")
    app = service(bus, router)
    async with app.router.lifespan_context(app):
        async with (
            asyncio.timeout(20),
            httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://export") as client,
        ):
            while (await client.get("/ready")).status_code != 200:
                await asyncio.sleep(0.05)
        yield bus


@pytest.fixture(scope="module")
async def gateway(servers: EmbeddedServers, bus: Bus) -> AsyncIterator[Bus]:
    bus = bus_of(servers, "gateway")
    await bus.broker.connect()
    yield bus
    await bus.broker.stop()
    await bus.objects.close()


async def test_a_large_answer_is_sent_through_s3(gateway: Bus) -> None:
    answer = await gateway.ask(questions.ListFormats())

    assert len(answer.items) == 10_000


async def test_a_refusal_arrives_with_its_code_and_fields(gateway: Bus) -> None:
    with pytest.raises(Problem) as refused:
        await gateway.ask(questions.GetExport(export_id="e1"))

    assert (refused.value.code, refused.value.kind) == ("name_reserved", ErrorKind.INVALID)
    assert [(error.field, error.reason.params) for error in refused.value.errors] == [("export_id", {"name": "e1"})]


async def test_internal_errors_are_not_exposed(gateway: Bus) -> None:
    with pytest.raises(Problem) as refused:
        await gateway.ask(questions.StartExport(export_id="e", project_id="p", name="n", format="f", author="a"))

    assert refused.value.kind == ErrorKind.INTERNAL
    assert "internal details" not in str(refused.value)


async def test_a_request_without_responders_is_unavailable(gateway: Bus) -> None:
    with pytest.raises(Problem) as refused:
        await gateway.ask(questions.ListExports(project_id="p"))

    assert refused.value.kind == ErrorKind.UNAVAILABLE


async def test_a_request_is_retried_while_a_service_starts(servers: EmbeddedServers, gateway: Bus) -> None:
    client = await nats.connect(servers.nats.url("admin"))
    asking = asyncio.create_task(gateway.ask(questions.ListImports(project_id="p")))
    await asyncio.sleep(0.1)

    async def reply(message: Any) -> None:
        await message.respond(b'{"items": []}')

    await client.subscribe(questions.ListImports.subject(), cb=reply)

    assert (await asking).items == []
    await client.close()


async def test_a_job_published_twice_is_done_once(bus: Bus, seen: Seen) -> None:
    job = WriteExport(project_id="p", export_id="once")

    await bus.publish(job, job)
    await bus.publish(job)
    await eventually(lambda: "once" in seen.jobs)
    await asyncio.sleep(0.5)

    assert seen.jobs.count("once") == 1


async def test_a_failed_job_is_redelivered(bus: Bus, seen: Seen) -> None:
    await bus.publish(WriteExport(project_id="p", export_id="later"))

    await eventually(lambda: seen.jobs.count("later") == 3)

    assert "later" not in seen.dead


async def test_a_rejected_job_reaches_the_dead_letter_handler(servers: EmbeddedServers, bus: Bus, seen: Seen) -> None:
    await bus.publish(WriteExport(project_id="p", export_id="hopeless"))

    await eventually(lambda: seen.dead == ["hopeless"])

    assert seen.jobs.count("hopeless") == 1
    client = await nats.connect(servers.nats.url("admin"))
    letters = await topology.dead_letters(client.jetstream())
    assert [letter["consumer"] for letter in letters] == ["export-job_write_export"]
    await topology.replay(client.jetstream(), int(str(letters[0]["sequence"])))
    await eventually(lambda: seen.jobs.count("hopeless") == 2)
    await client.close()


async def test_one_sequence_covers_the_facts_of_all_streams(servers: EmbeddedServers, bus: Bus) -> None:
    changed = ExportChanged(
        project_id="p", export_id="e", revision=1, name="n", format="f", state="queued", progress=0.0
    )
    client = await nats.connect(servers.nats.url("admin"))
    await bus.publish(changed)

    async with asyncio.timeout(15):
        while (await client.jetstream().stream_info(topology.LIVE)).state.messages < 1:
            await asyncio.sleep(0.05)

    message = await client.jetstream().get_last_msg(topology.LIVE, changed.subject)
    assert (message.headers or {})["ce-id"] == changed.id
    await client.close()


async def test_a_service_may_only_publish_its_own_facts(servers: EmbeddedServers, bus: Bus, tmp_path: Path) -> None:
    with pytest.raises(Exception, match="timeout"):
        await bus.jetstream.publish("media.stored.v1.p", b"{}", timeout=0.5)


@pytest.mark.parametrize("reply", ["", "$JS.ACK.EXPORT.x.1.1.1.1.1", "$JS.API.STREAM.PURGE.ANNOTATION"])
async def test_a_request_without_an_inbox_is_not_handled(
    servers: EmbeddedServers, gateway: Bus, seen: Seen, reply: str
) -> None:
    operator = await nats.connect(servers.nats.url("admin"))
    answers = await operator.subscribe(reply or "nowhere")
    await operator.publish(questions.ListImports.subject(), b'{"project_id":"forged"}', reply=reply)
    await operator.flush()

    await gateway.ask(questions.ListImports(project_id="asked"))

    assert (seen.listed[-1:], "forged" in seen.listed) == (["asked"], False)
    assert answers.pending_msgs == 0
    await operator.close()
