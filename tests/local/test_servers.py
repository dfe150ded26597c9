"""The three real servers start quickly, keep what they acknowledged, and let in only who they know."""

import contextlib
import io
import os
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import nats
import pytest
from minio import Minio
from pymongo import AsyncMongoClient
from pymongo.errors import OperationFailure

from deploy.local.mongod import bundled_libraries, find_mongod, startup_error_of
from deploy.local.ports import Ports, PortTaken
from deploy.local.servers import EmbeddedServers, embedded_servers

pytestmark = pytest.mark.servers


def s3_of(url: str) -> Minio:
    parts = urlsplit(url)
    return Minio(f"{parts.hostname}:{parts.port}", parts.username, parts.password, secure=False)


@pytest.fixture(scope="module")
async def servers(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[EmbeddedServers]:
    async with embedded_servers(tmp_path_factory.mktemp("servers")) as servers:
        yield servers


async def test_nats_keeps_what_it_acknowledged(servers: EmbeddedServers) -> None:
    admin = await nats.connect(servers.nats.url("admin"))
    stream = admin.jetstream()
    await stream.add_stream(name="KEPT", subjects=["kept.>"])
    acknowledged = [await stream.publish("kept.x", b"%d" % n) for n in range(100)]

    await servers.run["nats"].kill()
    await servers.run["nats"].start()

    again = await nats.connect(servers.nats.url("admin"))
    assert (await again.jetstream().stream_info("KEPT")).state.messages == len(acknowledged)
    await admin.close()
    await again.close()


async def test_mongo_keeps_what_it_acknowledged(servers: EmbeddedServers) -> None:
    async with AsyncMongoClient[dict[str, Any]](servers.mongo.url("annotation"), w="majority", journal=True) as client:
        kept = client.get_default_database()["kept"]
        await kept.insert_many([{"n": n} for n in range(100)])

        await servers.run["mongo"].kill()
        await servers.run["mongo"].start()

        assert await kept.count_documents({}) == 100


async def test_s3_keeps_what_it_acknowledged(servers: EmbeddedServers) -> None:
    s3 = s3_of(servers.s3.url)
    s3.put_object("tracklane", "kept", io.BytesIO(b"x" * 100_000), 100_000)

    await servers.run["s3"].kill()
    await servers.run["s3"].start()

    assert s3.get_object("tracklane", "kept").data == b"x" * 100_000
    s3.put_object("tracklane", "and-written-again", io.BytesIO(b"y"), 1)


async def test_mongo_gives_transactions(servers: EmbeddedServers) -> None:
    async with (
        AsyncMongoClient[dict[str, Any]](servers.mongo.url("annotation")) as client,
        client.start_session() as session,
    ):
        database = client.get_default_database()
        await database.create_collection("moved")
        async with await session.start_transaction():
            await database["moved"].insert_one({"n": 1}, session=session)
            await session.abort_transaction()

        assert await database["moved"].count_documents({}) == 0


async def test_a_service_reads_no_other_services_database(servers: EmbeddedServers) -> None:
    async with AsyncMongoClient[dict[str, Any]](servers.mongo.url("export")) as client:
        with pytest.raises(OperationFailure, match="not authorized"):
            await client["gateway"]["users"].find_one()


async def test_clients_without_credentials_are_refused(servers: EmbeddedServers) -> None:
    mongo, s3 = urlsplit(servers.mongo.url("admin")), urlsplit(servers.s3.url)

    async with AsyncMongoClient[dict[str, Any]](f"mongodb://127.0.0.1:{mongo.port}/?directConnection=true") as client:
        with pytest.raises(OperationFailure, match="requires authentication"):
            await client["gateway"]["users"].find_one()
    with pytest.raises(Exception, match=r"AccessDenied|Access Denied"):
        list(Minio(f"127.0.0.1:{s3.port}", secure=False).list_objects("tracklane"))
    with pytest.raises(Exception, match=r"(?i)access|signature"):
        Minio(f"127.0.0.1:{s3.port}", s3.username, "wrong", secure=False).put_object(
            "tracklane", "x", io.BytesIO(b""), 0
        )


async def test_secrets_are_readable_by_their_owner_only(servers: EmbeddedServers) -> None:
    secrets = [servers.home / name for name in ("credentials.json", "nats/nats.conf", "s3/s3.json", "mongo/keyfile")]

    assert [path.stat().st_mode & 0o077 for path in secrets] == [0, 0, 0, 0]


async def test_servers_listen_on_localhost_only(servers: EmbeddedServers) -> None:
    inodes = {inode for running in servers.run.values() for inode in sockets_of(running.pid)}

    addresses = {address for path in ("tcp", "tcp6") for address, inode in listeners(path) if inode in inodes}

    assert addresses == {"0100007F"}


async def test_stopped_servers_come_back_on_other_ports(tmp_path: Path) -> None:
    async with embedded_servers(tmp_path) as first:
        s3_of(first.s3.url).put_object("tracklane", "kept", io.BytesIO(b"x"), 1)
        async with AsyncMongoClient[dict[str, Any]](first.mongo.url("ingest")) as client:
            await client.get_default_database()["kept"].insert_one({"n": 1})

    async with embedded_servers(tmp_path) as second:
        assert second.s3.url != first.s3.url
        assert s3_of(second.s3.url).get_object("tracklane", "kept").data == b"x"
        async with AsyncMongoClient[dict[str, Any]](second.mongo.url("ingest")) as client:
            assert await client.get_default_database()["kept"].count_documents({}) == 1


async def test_a_taken_port_is_named_with_its_setting(servers: EmbeddedServers, tmp_path: Path) -> None:
    free = Ports.free()
    taken = Ports(
        nats=free.nats, nats_monitor=free.nats_monitor, s3=free.s3, mongo=urlsplit(servers.mongo.url("admin")).port or 0
    )

    with pytest.raises(PortTaken, match="TRACKLANE_MONGO_PORT"):
        async with embedded_servers(tmp_path, taken):
            pass


def test_mongod_runs_with_bundled_libraries(tmp_path: Path) -> None:
    mongod, _ = find_mongod(tmp_path)

    variables = bundled_libraries(tmp_path / "lib")

    loaded = subprocess.run(
        ["ldd", mongod], env={**os.environ, **variables}, capture_output=True, text=True, check=True
    )
    assert startup_error_of(mongod, variables) == ""
    assert f"{tmp_path}/lib/libcurl.so.4" in loaded.stdout


def sockets_of(pid: int) -> set[str]:
    links = []
    for link in Path(f"/proc/{pid}/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):  # closed since it was listed
            links.append(link.readlink().name)
    return {link.removeprefix("socket:[").removesuffix("]") for link in links if link.startswith("socket:")}


def listeners(path: str) -> list[tuple[str, str]]:
    """The address and the inode of each listening socket."""
    rows = [line.split() for line in Path(f"/proc/net/{path}").read_text().splitlines()[1:]]
    return [(row[1].split(":")[0], row[9]) for row in rows if row[3] == "0A"]
