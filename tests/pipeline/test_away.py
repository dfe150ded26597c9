"""Servers that are not there: services wait for them at the start and find them again later."""

import asyncio
from pathlib import Path

import httpx
import pytest

from tests.person import Person, create
from tests.stack import Stack

pytestmark = [pytest.mark.servers, pytest.mark.slow]
CLIP = Path(__file__).parents[2] / "deploy/local/demo/clip.mp4"


async def patiently(person: Person, method: str, path: str, **request: object) -> object:
    """Ask until the product answers again."""
    async with asyncio.timeout(60):
        while True:
            answer = await person.http.request(method, f"/api/v1{path}", **request)  # type: ignore[arg-type]
            if answer.status_code < 500:
                assert answer.is_success, answer.text
                return answer.json()
            assert answer.headers["content-type"].startswith("application/problem+json")
            await asyncio.sleep(0.2)


@pytest.mark.parametrize("server", ["nats", "mongo", "s3"])
async def test_services_reconnect_to_a_restarted_server(stack: Stack, ada: Person, server: str) -> None:
    project = await ada.project()
    media_id = await ada.upload(project, CLIP)
    await ada.until_processed(media_id)
    drawn = create()

    await stack.servers.run[server].kill()
    await asyncio.sleep(1)
    reviving = asyncio.create_task(stack.servers.run[server].start())
    edited = await patiently(ada, "POST", f"/media/{media_id}/edits", json={"edits": [drawn]})
    await reviving

    assert "applied" in str(edited) or "duplicate" in str(edited)
    assert [found["id"] for found in await ada.objects(media_id)] == [drawn["object"]]
    await stack.until_ready()
    other = await ada.upload(project, CLIP)
    assert (await ada.until_processed(other))["state"] == "ready"


async def test_a_service_waits_for_its_servers_and_logs_it(stack: Stack) -> None:
    await stack.kill("annotation")
    await stack.servers.run["mongo"].stop()

    await stack.revive("annotation", wait=False)
    url = await operations_url(stack, "annotation")
    async with httpx.AsyncClient() as http, asyncio.timeout(30):
        while True:
            try:
                response = await http.get(f"{url}/ready")
            except httpx.TransportError:
                await asyncio.sleep(0.1)
                continue
            break
        live = await http.get(f"{url}/live")
    await stack.servers.run["mongo"].start()
    await stack.run["annotation"].until_ready()

    assert (response.status_code, response.json()["for"]) == (503, "MongoDB")
    assert live.status_code == 200


async def operations_url(stack: Stack, name: str) -> str:
    command = list(stack.run[name].program.command)
    return f"http://127.0.0.1:{command[command.index('--port') + 1]}"
