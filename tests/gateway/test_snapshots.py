"""Snapshots over HTTP: taken once, downloaded in ranges, for members of the project only."""

import asyncio
import gzip
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from common.contract.questions import (
    Snapshot,
    TakeSnapshot,
)
from common.storage.objects import snapshot_key
from tests.gateway.conftest import Gateway, Person
from tests.gateway.stub_services import StubServices

pytestmark = pytest.mark.servers
EXAMPLE = Path(__file__).parents[2] / "examples/snapshot.py"


async def test_a_snapshot_is_taken_downloaded_and_deleted(
    gateway: Gateway, services: StubServices, ada: Person, eve: Person, project: str
) -> None:
    objects = gateway.app.state.dependencies.bus.objects
    lines = gzip.compress(b'{"id":"o1"}\n' * 1000)
    snapshot_ids: list[str] = []

    def take(asked: TakeSnapshot) -> Snapshot:
        snapshot_ids.append(asked.snapshot_id)
        key = snapshot_key(asked.project_id, asked.snapshot_id)
        objects.put_sync(key, lines)
        return Snapshot(object_key=key, objects=1000, media=["m1", "m2"], missions=[])

    await services.answer(TakeSnapshot, take)
    key = {"Idempotency-Key": "k"}

    made = await ada.http.post(f"/projects/{project}/snapshots", json={"at": 17.5}, headers=key)
    again = await ada.http.post(f"/projects/{project}/snapshots", json={"at": 17.5}, headers=key)
    path = f"/snapshots/{made.json()['id']}"
    whole = await ada.http.get(f"{path}/lines")
    part = await ada.http.get(f"{path}/lines", headers={"Range": "bytes=5-14"})
    known = await ada.http.get(f"{path}/lines", headers={"If-None-Match": whole.headers["etag"]})
    listed = (await ada.http.get(f"/projects/{project}/snapshots")).json()
    strange = [await eve.http.get(path), await eve.http.get(f"{path}/lines"), await eve.http.delete(path)]
    deleted = await ada.http.delete(path)

    assert made.status_code == 201, made.text
    assert (made.json()["objects"], made.json()["media"], made.json()["size_bytes"]) == (1000, 2, len(lines))
    assert "object_key" not in made.json()
    assert again.json() == made.json()
    assert (services.last(TakeSnapshot).at, len(snapshot_ids)) == (17.5, 1)
    assert (whole.content, gzip.decompress(whole.content).count(b"\n")) == (lines, 1000)
    assert (part.status_code, part.content, known.status_code) == (206, lines[5:15], 304)
    assert listed["items"] == [made.json()]
    assert [answer.status_code for answer in strange] == [404] * 3
    assert (deleted.status_code, (await ada.http.get(f"{path}/lines")).status_code) == (204, 404)
    assert not await exists(objects, snapshot_key(project, made.json()["id"]))


async def test_the_example_reads_a_snapshot(
    gateway: Gateway, services: StubServices, ada: Person, project: str
) -> None:
    lines = b"".join(b'{"category":"%s","annotation_type":"bbox"}\n' % name for name in (b"Car", b"Van", b"Car"))

    def take(asked: TakeSnapshot) -> Snapshot:
        key = snapshot_key(asked.project_id, asked.snapshot_id)
        gateway.app.state.dependencies.bus.objects.put_sync(key, gzip.compress(lines))
        return Snapshot(object_key=key, objects=3, media=["m1"], missions=[])

    await services.answer(TakeSnapshot, take)
    token = (await ada.http.post("/tokens", json={"name": "bot"})).json()["token"]

    command = [sys.executable, str(EXAMPLE), gateway.url, token, project, "--at", "2026-01-31T08:00+00:00"]
    program = await asyncio.create_subprocess_exec(*command, stdout=subprocess.PIPE)
    output, _ = await program.communicate()

    assert program.returncode == 0
    assert [line.split() for line in output.decode().splitlines()[1:]] == [
        ["2", "Car", "(bbox)"],
        ["1", "Van", "(bbox)"],
    ]
    assert services.last(TakeSnapshot).at == 1769846400.0


async def exists(objects: Any, key: str) -> bool:
    try:
        await objects.stat(key)
    except LookupError:
        return False
    return True


@pytest.mark.parametrize("path", ["changes", "missions/use"])
async def test_an_unavailable_service_is_a_503(ada: Person, project: str, path: str) -> None:
    answer = await ada.http.get(f"/projects/{project}/{path}")

    assert (answer.status_code, "annotation" in answer.json()["detail"]) == (503, True)
