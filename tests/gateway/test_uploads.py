"""Uploads to S3, with the real ingest service behind the gateway."""

import asyncio
import contextlib
import os
import sys
from collections.abc import AsyncIterator

import httpx
import psutil
import pytest

from deploy.local.child import Child, Program
from tests.gateway.conftest import Gateway, Person, free_port

pytestmark = pytest.mark.servers
CONDITIONS = {"weather": "Sunny", "lighting": "Day", "fov": "60–90"}
# The smallest PNG: one pixel.
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360606060000000050001a5f645400000000049454e44ae426082"
)


@pytest.fixture(scope="module")
async def ingest(gateway: Gateway) -> AsyncIterator[None]:
    port = free_port()
    command = [sys.executable, "-m", "uvicorn", "--factory", "ingest.app:create", "--port", str(port)]
    environment = gateway.servers.environment("ingest") | {"TRACKLANE_LOG_JSON": "false"}

    async def ready() -> bool:
        async with httpx.AsyncClient(trust_env=False) as http:
            return (await http.get(f"http://127.0.0.1:{port}/ready")).status_code == 200

    child = Child(
        Program("ingest", [*command, "--log-level", "warning"], environment, ready), lambda _, line: print(line)
    )
    await child.start()
    await child.until_ready()
    yield
    await child.stop()


@pytest.fixture
async def project(ada: Person, ingest: None) -> str:
    return await ada.project()


async def start(person: Person, project: str, name: str, size: int, **more: str) -> httpx.Response:
    body = {"name": name, "size_bytes": size, "kind": "video", **CONDITIONS, **more}
    return await person.http.post(f"/projects/{project}/uploads", json=body)


async def test_an_incomplete_upload_names_the_fields(ada: Person, project: str) -> None:
    for missing in ("kind", "weather", "lighting", "fov", "name", "size_bytes"):
        body = {"name": "a.mp4", "size_bytes": 10, "kind": "video", **CONDITIONS}
        del body[missing]

        answer = await ada.http.post(f"/projects/{project}/uploads", json=body)

        assert (answer.status_code, [error["field"] for error in answer.json()["errors"]]) == (422, [missing])


async def test_a_small_file_is_uploaded_as_a_form(ada: Person, project: str) -> None:
    fields = {"kind": "image", **CONDITIONS}

    made = await ada.http.post(f"/projects/{project}/media", data=fields, files={"file": ("dot.png", PNG)})
    listed = (await ada.http.get(f"/projects/{project}/media")).json()["items"]

    assert made.status_code == 201, made.text
    medium = made.json()
    assert {name: medium[name] for name in ("name", "kind", "weather", "fov", "size_bytes")} == {
        "name": "dot.png",
        "kind": "image",
        "weather": "Sunny",
        "fov": "60–90",
        "size_bytes": len(PNG),
    }
    assert [item["id"] for item in listed] == [medium["id"]]
    assert (await ada.http.get(f"/media/{medium['id']}")).json()["id"] == medium["id"]


async def test_form_uploads_are_idempotent_with_a_key(ada: Person, project: str) -> None:
    fields, key = {"kind": "image", **CONDITIONS}, {"Idempotency-Key": "dot"}

    made = [
        await ada.http.post(f"/projects/{project}/media", data=fields, files={"file": ("dot.png", PNG)}, headers=key)
        for _ in range(2)
    ]

    assert [answer.status_code for answer in made] == [201, 201], made[1].text
    assert made[0].json()["id"] == made[1].json()["id"]


async def test_an_incomplete_form_names_the_fields(ada: Person, project: str) -> None:
    no_file = await ada.http.post(f"/projects/{project}/media", data={"kind": "image", **CONDITIONS}, files={"x": b""})
    no_fov = await ada.http.post(
        f"/projects/{project}/media", data={"kind": "image", "weather": "Sunny"}, files={"file": ("dot.png", PNG)}
    )

    assert [error["field"] for error in no_file.json()["errors"]] == ["file"]
    assert [error["field"] for error in no_fov.json()["errors"]] == ["lighting", "fov"]


async def test_a_part_of_wrong_or_missing_size_is_refused(ada: Person, project: str) -> None:
    upload = (await start(ada, project, "a.mp4", 20_000_000)).json()

    async def pieces() -> AsyncIterator[bytes]:
        yield b"x" * 1000

    path = f"/uploads/{upload['id']}/parts"
    wrong = await ada.http.put(f"{path}/1", content=b"x" * 1000)
    unsized = await ada.http.put(f"{path}/1", content=pieces())
    excess = await ada.http.put(f"{path}/99", content=b"x" * 1000)

    assert [wrong.status_code, unsized.status_code, excess.status_code] == [422, 411, 422]
    assert (await ada.http.get(f"/uploads/{upload['id']}")).json()["parts"] == []


async def test_an_interrupted_part_is_not_stored(gateway: Gateway, ada: Person, project: str) -> None:
    upload = (await start(ada, project, "a.mp4", 20_000_000)).json()
    size = upload["part_size_bytes"]
    host, port = gateway.url.removeprefix("http://").split(":")
    _, writer = await asyncio.open_connection(host, int(port))
    head = f"PUT /api/v1/uploads/{upload['id']}/parts/1 HTTP/1.1\r\nHost: {host}:{port}\r\nContent-Length: {size}\r\n"
    head += f"Cookie: tracklane={ada.http.cookies['tracklane']}\r\nOrigin: {gateway.url}\r\n\r\n"

    writer.write(head.encode() + b"x" * (size // 2))
    await writer.drain()
    writer.close()
    await asyncio.sleep(0.5)

    assert (await ada.http.get(f"/uploads/{upload['id']}")).json()["parts"] == []
    whole = await ada.http.put(f"/uploads/{upload['id']}/parts/1", content=b"x" * size)
    stored = (await ada.http.get(f"/uploads/{upload['id']}")).json()["parts"]
    assert whole.status_code == 204
    assert stored == [{"number": 1, "size_bytes": size}]


async def test_uploads_and_media_of_another_project_are_not_found(ada: Person, eve: Person, project: str) -> None:
    upload = (await start(ada, project, "a.mp4", 1000)).json()
    made = await ada.http.post(
        f"/projects/{project}/media", data={"kind": "image", **CONDITIONS}, files={"file": ("dot.png", PNG)}
    )
    medium = made.json()["id"]

    refused = [
        await eve.http.get(f"/uploads/{upload['id']}"),
        await eve.http.put(f"/uploads/{upload['id']}/parts/1", content=b"x" * 1000),
        await eve.http.delete(f"/uploads/{upload['id']}"),
        await eve.http.get(f"/media/{medium}"),
        await eve.http.delete(f"/media/{medium}"),
        await eve.http.get(f"/media/{medium}/gops/0-still-0"),
        await eve.http.get(f"/media/{medium}/thumbnail"),
        await eve.http.get("/media/a.b>/index"),
    ]

    assert [answer.status_code for answer in refused] == [404] * len(refused)
    assert (await ada.http.get(f"/media/{medium}/gops/nonsense")).status_code == 404
    assert (await ada.http.get(f"/media/{medium}/gops/0-still-0")).status_code == 404


async def test_completed_and_aborted_uploads_accept_no_parts(ada: Person, project: str) -> None:
    upload = (await start(ada, project, "a.mp4", 1000)).json()

    gone = await ada.http.delete(f"/uploads/{upload['id']}")
    late = await ada.http.put(f"/uploads/{upload['id']}/parts/1", content=b"x" * 1000)

    assert gone.status_code == 204
    assert late.status_code in (404, 409)


@pytest.mark.slow
async def test_memory_does_not_grow_with_the_size(gateway: Gateway, ada: Person, project: str) -> None:
    upload = (await start(ada, project, "long.mp4", 200_000_000)).json()
    part = os.urandom(upload["part_size_bytes"])
    sizes = range(0, 200_000_000, len(part))
    await ada.http.put(f"/uploads/{upload['id']}/parts/1", content=part)
    process, peak = psutil.Process(), 0
    before = process.memory_info().rss

    async def watch() -> None:
        nonlocal peak
        while True:
            peak = max(peak, process.memory_info().rss)
            await asyncio.sleep(0.01)

    watching = asyncio.create_task(watch())
    for number, begin in enumerate(sizes, start=1):
        content = part[: min(len(part), 200_000_000 - begin)]
        stored = await ada.http.put(f"/uploads/{upload['id']}/parts/{number}", content=content)
        assert stored.status_code == 204, stored.text
    watching.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await watching

    # The part itself lies in this process too, since the test is its own browser.
    assert peak - before < 40_000_000
    assert len((await ada.http.get(f"/uploads/{upload['id']}")).json()["parts"]) == len(sizes)
    await ada.http.delete(f"/uploads/{upload['id']}")
