"""The try-out's servers, configured by their manifests, run on this machine: who gets in, and what for."""

import asyncio
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import nats
import pytest
from minio import Minio
from nats.js.errors import APIError
from pymongo import AsyncMongoClient
from pymongo.errors import OperationFailure

from common.messaging.topology import CONSUMERS, reconcile
from deploy.k8s.components.backing.mongo_setup import main as set_up_mongo
from deploy.k8s.passwords import Servers, secrets_for
from deploy.local.child import Child, Program
from deploy.local.credentials import Credentials
from deploy.local.mongo_server import MongoServer
from deploy.local.ports import Ports
from tests.deploy.rendered import SERVICES, named, of_kind

pytestmark = pytest.mark.servers
MADE = secrets_for(Servers())


@pytest.fixture(scope="module")
def ports() -> Ports:
    return Ports.free()


# ---- NATS ----


@pytest.fixture(scope="module")
async def nats_server(tmp_path_factory: pytest.TempPathFactory, ports: Ports) -> AsyncIterator[Ports]:
    """nats-server as the StatefulSet starts it, with a folder and ports of this machine."""
    home = tmp_path_factory.mktemp("nats")
    config = named("dev", "ConfigMap", "nats")["data"]["nats.conf"]
    for there, here in (
        ('"/data"', f'"{home}/data"'),
        ("0.0.0.0:4222", f"127.0.0.1:{ports.nats}"),
        ("0.0.0.0:8222", f"127.0.0.1:{ports.nats_monitor}"),
    ):
        assert config.count(there) == 1
        config = config.replace(there, here)
    (home / "nats.conf").write_text(config)
    command = [str(Path(sys.executable).with_name("nats-server")), "--config", str(home / "nats.conf")]

    async def ready() -> bool:
        async with httpx.AsyncClient(trust_env=False) as client:
            return (await client.get(f"http://127.0.0.1:{ports.nats_monitor}/healthz")).is_success

    child = Child(Program("nats", command, MADE["nats-users"], ready), lambda _, line: print(line))
    await child.start()
    await child.until_ready()
    yield ports
    await child.stop()


def here(secret: str, ports: Ports) -> str:
    return MADE[secret]["TRACKLANE_NATS_URL"].replace("@nats:4222", f"@127.0.0.1:{ports.nats}")


@pytest.mark.parametrize("service", SERVICES)
async def test_each_service_logs_in_to_nats_with_its_secret(service: str, nats_server: Ports) -> None:
    client = await nats.connect(here(service, nats_server), allow_reconnect=False, inbox_prefix=f"_INBOX_{service}")
    await client.flush()
    await client.close()


async def test_only_the_topology_job_may_create_streams(nats_server: Ports) -> None:
    topology = await nats.connect(here("topology", nats_server), allow_reconnect=False)
    await reconcile(topology.jetstream())
    ingest = await nats.connect(here("ingest", nats_server), allow_reconnect=False, inbox_prefix="_INBOX_ingest")

    with pytest.raises((TimeoutError, nats.errors.TimeoutError, APIError)):
        await ingest.jetstream(timeout=0.5).delete_stream("MEDIA")
    assert await topology.jetstream().stream_info("MEDIA")
    await ingest.close()
    await topology.close()


async def test_keda_finds_every_queue_where_the_scaled_objects_say(nats_server: Ports) -> None:
    topology = await nats.connect(here("topology", nats_server), allow_reconnect=False)
    await reconcile(topology.jetstream())
    await topology.close()
    async with httpx.AsyncClient(trust_env=False, base_url=f"http://127.0.0.1:{nats_server.nats_monitor}") as client:
        found = (await client.get("/jsz", params={"acc": "TRACKLANE", "consumers": "true", "config": "true"})).json()
    queues = {
        (account["name"], stream["name"], consumer["name"])
        for account in found["account_details"]
        for stream in account["stream_detail"]
        for consumer in stream.get("consumer_detail", [])
    }

    assert {("TRACKLANE", consumer.stream, consumer.durable) for consumer in CONSUMERS} <= queues
    for scaled in of_kind("production", "ScaledObject").values():
        assert scaled["spec"]["triggers"]
        for trigger in scaled["spec"]["triggers"]:
            queue = trigger["metadata"]
            assert (queue["account"], queue["stream"], queue["consumer"]) in queues


# ---- MongoDB ----


@pytest.fixture(scope="module")
async def mongo(tmp_path_factory: pytest.TempPathFactory, ports: Ports) -> AsyncIterator[dict[str, str]]:
    """A fresh mongod with an administrator, as the image leaves it, set up by the Job; the Job's variables."""
    home = tmp_path_factory.mktemp("mongo")
    server = MongoServer(home, ports, Credentials.of(home))
    program = server.prepare()
    await as_the_image_does_first(program, ports)
    run = Program("mongo", program.command, program.environment, ready=lambda: answers(ports))
    child = Child(run, lambda _, line: None)
    await child.start()
    await child.until_ready()
    urls = {"ADMIN_URL": MADE["mongo"]["url"]}
    urls |= {f"{service.upper()}_URL": MADE[service]["TRACKLANE_MONGO_URL"] for service in SERVICES}
    urls = {name: url.replace("mongo-0.mongo:27017", f"127.0.0.1:{ports.mongo}") for name, url in urls.items()}
    for _ in range(2):
        await asyncio.to_thread(set_up_mongo, urls)
    yield urls
    await child.stop()


async def as_the_image_does_first(program: Program, ports: Ports) -> None:
    """The image starts mongod alone, makes the user of MONGO_INITDB_ROOT_USERNAME, and starts it as it was asked."""
    locked = [word for word in program.command if not word.startswith(("--replSet", "--keyFile", "--oplogSize"))]
    run = Program("mongo", locked, program.environment, ready=lambda: answers(ports))
    child = Child(run, lambda _, line: None)
    await child.start()
    await child.until_ready()
    async with AsyncMongoClient[dict[str, Any]](f"mongodb://127.0.0.1:{ports.mongo}/?directConnection=true") as client:
        await client.admin.command("createUser", "admin", pwd=MADE["mongo"]["password"], roles=["root"])
    await child.stop()


async def answers(ports: Ports) -> bool:
    async with AsyncMongoClient[dict[str, Any]](f"mongodb://127.0.0.1:{ports.mongo}/?directConnection=true") as client:
        return bool((await client.admin.command("hello"))["ok"])


@pytest.mark.parametrize("service", SERVICES)
async def test_each_service_owns_its_database_and_no_other(service: str, mongo: dict[str, str]) -> None:
    async with AsyncMongoClient[dict[str, Any]](mongo[f"{service.upper()}_URL"]) as client:
        async with client.start_session() as session, await session.start_transaction():
            await client[service].things.insert_one({"a": 1}, session=session)
        other = next(name for name in SERVICES if name != service)
        with pytest.raises(OperationFailure, match="not authorized"):
            await client[other].things.find_one({})


def test_the_setup_job_gets_every_services_url(mongo: dict[str, str]) -> None:
    (container,) = of_kind("dev", "Job")["mongo-setup"]["spec"]["template"]["spec"]["containers"]

    assert {variable["name"] for variable in container["env"]} == set(mongo)
    for variable in container["env"]:
        reference = variable["valueFrom"]["secretKeyRef"]
        assert MADE[reference["name"]][reference["key"]].split("@")[1].startswith("mongo-0.mongo:27017/")


# ---- S3 ----


@pytest.fixture(scope="module")
async def s3_server(tmp_path_factory: pytest.TempPathFactory, ports: Ports) -> AsyncIterator[Ports]:
    """SeaweedFS as the StatefulSet starts it; its inner ports are moved, because they are fixed in a pod of its own."""
    home = tmp_path_factory.mktemp("s3")
    (home / "s3.json").write_text(MADE["s3"]["s3.json"])
    (home / "data").mkdir()
    (container,) = of_kind("dev", "StatefulSet")["s3"]["spec"]["template"]["spec"]["containers"]
    own = {
        "-dir=/data": f"-dir={home}/data",
        "-ip.bind=0.0.0.0": "-ip.bind=127.0.0.1",
        "-s3.port=8333": f"-s3.port={ports.s3}",
        "-s3.config=/etc/s3/s3.json": f"-s3.config={home}/s3.json",
        "-filer.localSocket=@filer": f"-filer.localSocket=@test-filer-{ports.s3}",
        "-s3.localSocket=@s3": f"-s3.localSocket=@test-s3-{ports.s3}",
    }
    assert own.keys() <= set(container["command"])
    command = [own.get(word, word) for word in container["command"]]
    command[0] = str(Path(sys.executable).with_name("weed"))
    inner = ("master.port", "volume.port", "filer.port", "metricsPort")
    command += [f"-{name}={ports.s3 + number}" for number, name in enumerate(inner, start=1)]
    probe = container["readinessProbe"]["httpGet"]["path"]

    async def ready() -> bool:
        async with httpx.AsyncClient(trust_env=False) as client:
            return (await client.get(f"http://127.0.0.1:{ports.s3}{probe}")).is_success

    child = Child(Program("s3", command, {"GOMEMLIMIT": "400MiB"}, ready), lambda _, line: print(line))
    await child.start()
    await child.until_ready()
    yield ports
    await child.stop()


async def test_the_services_key_opens_the_bucket_and_no_key_does_not(s3_server: Ports) -> None:
    address = f"127.0.0.1:{s3_server.s3}"
    keys = MADE["ingest"]["TRACKLANE_S3_URL"].removeprefix("http://").split("@")[0].split(":")
    client = Minio(address, access_key=keys[0], secret_key=keys[1], secure=False)
    for _ in range(50):
        if await asyncio.to_thread(client.bucket_exists, "tracklane"):
            break
        await asyncio.sleep(0.2)
    else:
        pytest.fail("the bucket was not made")

    async with httpx.AsyncClient(trust_env=False) as stranger:
        assert (await stranger.get(f"http://{address}/tracklane/")).status_code == httpx.codes.FORBIDDEN
