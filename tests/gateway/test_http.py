"""Behavior of all routes: problems, limits, headers, pages, metrics, dead letters."""

import asyncio
import gzip
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import nats
import pytest
import structlog

from gateway.http.pages import Pages
from gateway.superuser import add_superuser
from tests.gateway.conftest import PASSWORD, Gateway, Person, new_address, running_gateway

pytestmark = pytest.mark.servers
JSON = {"Content-Type": "application/json"}


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/nothing/here", 404), ("PATCH", "/me", 405), ("GET", "/accounts/verify", 422)],
)
async def test_every_error_is_a_problem(ada: Person, method: str, path: str, status: int) -> None:
    answer = await ada.http.request(method, path)

    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert answer.json()["status"] == status
    assert {"type", "title", "code", "params", "detail", "errors"} <= set(answer.json())


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{", 422),
        (b'{"name": NaN, "task_kind": "video"}', 422),
        (b"[" * 100_000, 400),
        (b'{"name": ' + b"[" * 50_000 + b"]" * 50_000 + b', "task_kind": "video"}', 400),
        (b'{"name": "' + b"x" * (11 * 1024 * 1024) + b'"}', 413),
        (b"\xff\xfe\x00", 422),
    ],
    ids=["cut", "not a number", "deep", "deep inside", "large", "no text"],
)
async def test_hostile_bodies_are_refused(ada: Person, body: bytes, status: int) -> None:
    answer = await ada.http.post("/projects", content=body, headers=JSON)

    assert 400 <= answer.status_code < 500, answer.text
    assert answer.status_code in (status, 400, 422)
    assert answer.headers["content-type"] == "application/problem+json"


async def test_a_chunked_body_is_limited(ada: Person) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(200):
            yield b"x" * 100_000

    answer = await ada.http.post("/projects", content=endless(), headers=JSON)

    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")


async def test_an_unavailable_service_is_named(ada: Person) -> None:
    answer = await ada.http.get("/models")

    assert answer.status_code == 503
    assert "inference" in answer.json()["detail"]


async def test_the_openapi_document_has_every_route_and_names_problems_and_tokens(gateway: Gateway) -> None:
    async with httpx.AsyncClient(base_url=gateway.url, trust_env=False, timeout=60) as http:
        document = (await http.get("/api/openapi.json")).json()

    assert "/api/v1/media/{medium}/edits" in document["paths"]
    problems = document["paths"]["/api/v1/me"]["get"]["responses"]["default"]["content"]
    assert "application/problem+json" in problems
    assert document["components"]["securitySchemes"]["token"]["scheme"] == "bearer"


async def test_pages_are_compressed_and_hashed_files_immutable(gateway: Gateway, tmp_path: Path) -> None:
    dist = tmp_path / "dist"
    (dist / "assets").mkdir(parents=True)
    (dist / "index.html").write_text("<title>the application</title>")
    (dist / "api-docs.html").write_text("<title>the API</title>")
    (dist / "assets/app-3f9a.js").write_text("export {}")
    (dist / "assets/app-3f9a.js.gz").write_bytes(gzip.compress(b"export {}"))
    (tmp_path / "secret.txt").write_text("secret")
    async with (
        running_gateway(gateway.servers, tmp_path, ui_dir=dist) as own,
        httpx.AsyncClient(base_url=own.url, trust_env=False, timeout=60) as http,
    ):
        script = await http.get("/assets/app-3f9a.js")
        plain = await http.get("/assets/app-3f9a.js", headers={"Accept-Encoding": "identity"})
        route = await http.get("/projects/abc/media/def")
        reference = await http.get("/api/docs")
        missing = await http.get("/assets/old-1234.js")
        outside = await http.get("/assets/..%2f..%2fsecret.txt")

    assert (script.headers["content-encoding"], script.text) == ("gzip", "export {}")
    assert "immutable" in script.headers["cache-control"]
    assert "content-encoding" not in plain.headers
    assert (route.text, route.headers["cache-control"]) == ("<title>the application</title>", "no-cache")
    assert (reference.text, reference.headers["cache-control"]) == ("<title>the API</title>", "no-cache")
    assert "script-src 'self';" in route.headers["content-security-policy"]
    assert "frame-ancestors 'none'" in route.headers["content-security-policy"]
    assert (missing.status_code, outside.status_code) == (404, 404)


async def test_missing_pages_are_explained(gateway: Gateway, tmp_path: Path) -> None:
    async with (
        running_gateway(gateway.servers, tmp_path, ui_dir=tmp_path / "nothing") as own,
        httpx.AsyncClient(base_url=own.url, trust_env=False, timeout=60) as http,
    ):
        pages = [await http.get(path) for path in ("/", "/api/docs")]

    for page in pages:
        assert page.status_code == 200
        assert "not built" in page.text


def test_pages_are_found_once_they_are_built(tmp_path: Path) -> None:
    pages = Pages(tmp_path)
    assert pages.find("index.html") is None

    (tmp_path / "index.html").write_text("built")

    assert pages.find("index.html") is not None


async def test_metrics_are_labeled_by_route_and_not_by_id(gateway: Gateway, ada: Person) -> None:
    project = await ada.project()
    await ada.http.get(f"/projects/{project}")
    await ada.http.get("/nothing/here")

    async with httpx.AsyncClient(base_url=gateway.url, trust_env=False, timeout=60) as http:
        metrics = (await http.get("/metrics")).text

    assert 'tracklane_http_requests_total{method="GET",route="/api/v1/projects/{project}",status="200"}' in metrics
    assert project not in metrics
    assert "nothing" not in metrics
    assert "tracklane_live_connections" in metrics


@pytest.fixture
def other_logs() -> Iterator[None]:
    """Restore the logging configuration after the test."""
    before = structlog.get_config()
    yield
    structlog.configure(**before)


async def test_a_trace_continues_in_the_gateway(
    gateway: Gateway, tmp_path: Path, capfd: pytest.CaptureFixture[str], other_logs: None
) -> None:
    trace = "0af7651916cd43dd8448eb211c80319c"
    async with (
        running_gateway(gateway.servers, tmp_path, log_level="INFO", log_json=True) as own,
        own.browser(traceparent=f"00-{trace}-b7ad6b7169203331-01") as http,
    ):
        await http.get("/terms")

    lines = [line for line in capfd.readouterr().err.splitlines() if '"route": "/api/v1/terms"' in line]
    assert len(lines) == 1
    assert trace in lines[0]


async def test_a_superuser_replays_dead_letters(gateway: Gateway) -> None:
    settings, address = gateway.app.state.dependencies.settings, new_address("root")
    await add_superuser(settings, address, PASSWORD, "Root")
    client = await nats.connect(gateway.servers.nats.url("admin"))
    jetstream = client.jetstream()
    job = await jetstream.publish("job.cut_clip.v1.dead-test", b'{"project_id":"dead-test"}')
    own = await jetstream.pull_subscribe("job.cut_clip.v1.*", durable="frames-job_cut_clip", stream=job.stream)
    (message,) = await own.fetch(1, timeout=5)
    await message.term()
    async with gateway.browser() as http, asyncio.timeout(10):
        await http.post("/session", json={"email": address, "password": PASSWORD})
        while not (letters := (await http.get("/operations/dead-letters")).json()["items"]):
            await asyncio.sleep(0.1)
        again = await http.post(f"/operations/dead-letters/{letters[0]['sequence']}/replay")
        none = await http.post("/operations/dead-letters/99999/replay")
    (replayed,) = await own.fetch(1, timeout=5)
    await replayed.ack()
    await client.close()

    assert (letters[0]["consumer"], letters[0]["stream_seq"]) == ("frames-job_cut_clip", job.seq)
    assert again.json() == {"subject": "job.cut_clip.v1.dead-test"}
    assert replayed.data == message.data
    assert none.status_code == 404
