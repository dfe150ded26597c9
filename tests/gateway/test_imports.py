"""Imports over HTTP: archives are streamed to S3 with a declared size, for members of the project only."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from common.contract import questions
from common.contract.errors import Problem
from common.storage.objects import NoSuchObject, import_key
from tests.gateway.conftest import Gateway, Person
from tests.gateway.stub_services import StubServices

pytestmark = pytest.mark.servers
ARCHIVE = bytes(range(256)) * 3000
SOURCE = {
    "endpoint": "https://s3.example.com",
    "bucket": "labels",
    "folder": "/labels/day 1/",
    "access_key": "AKEY",
    "secret_key": "SKEY",
}


def imported(asked: questions.StartImport, **more: Any) -> questions.Import:
    """The import that the service creates for a request."""
    given = asked.model_dump(exclude={"import_id": True, "source": {"access_key", "secret_key"}})
    return questions.Import(
        **given | {"id": asked.import_id, "state": "queued", "progress": 0.0, "created_at": 0.0} | more
    )


@pytest.fixture
async def importing(services: StubServices) -> StubServices:
    """Stub services that accept every import."""
    await services.answer(questions.StartImport, imported)
    await services.answer(questions.GetImport, Problem("import_not_found"))
    return services


async def test_an_uploaded_archive_is_stored_and_imported(
    gateway: Gateway, importing: StubServices, ada: Person, project: str
) -> None:
    options = {"name": "labels.zip", "format": "COCO 1.0", "mission": "Signs", "dry_run": "true"}

    made = await ada.http.post(f"/projects/{project}/imports", content=ARCHIVE, params=options)

    assert made.status_code == 201, made.text
    asked = importing.last(questions.StartImport)
    assert made.json()["id"] == asked.import_id
    assert (asked.name, asked.format, asked.mission, asked.dry_run) == ("labels.zip", "COCO 1.0", "Signs", True)
    assert (asked.add_classes, asked.media, asked.author) == (True, None, ada.id)
    assert asked.object_key == import_key(project, asked.import_id)
    assert gateway.app.state.dependencies.bus.objects.get_sync(asked.object_key) == ARCHIVE


async def test_imports_are_idempotent_with_a_key(importing: StubServices, ada: Person, project: str) -> None:
    key = {"Idempotency-Key": f"once-{project}"}
    first = await ada.http.post(f"/projects/{project}/imports", content=ARCHIVE, headers=key)
    await importing.answer(questions.GetImport, imported(importing.last(questions.StartImport), state="done"))
    asked = importing.count(questions.StartImport)

    again = await ada.http.post(f"/projects/{project}/imports", content=b"other", headers=key)

    assert again.json() == first.json() | {"state": "done"}
    assert importing.count(questions.StartImport) == asked


async def test_an_archive_without_length_or_content_is_refused(
    importing: StubServices, ada: Person, project: str
) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        yield ARCHIVE

    asked = importing.count(questions.StartImport)
    unsized = await ada.http.post(f"/projects/{project}/imports", content=pieces())
    empty = await ada.http.post(f"/projects/{project}/imports", content=b"")

    assert (unsized.status_code, empty.status_code) == (411, 422)
    assert importing.count(questions.StartImport) == asked


async def test_labels_in_an_external_bucket_are_imported_and_no_key_is_shown(
    importing: StubServices, ada: Person, project: str
) -> None:
    path = f"/projects/{project}/imports/from-s3"
    made = await ada.http.post(path, json={"source": SOURCE, "format": "COCO 1.0"})
    first = importing.last(questions.StartImport)
    single = await ada.http.post(path, json={"source": SOURCE | {"folder": "a/b_00001.json"}})
    second = importing.last(questions.StartImport)
    strange = await ada.http.post(path, json={"source": SOURCE | {"bucket": 7}})

    assert (made.status_code, single.status_code, strange.status_code) == (201, 201, 422)
    assert (first.name, first.format, first.add_classes) == ("day 1", "COCO 1.0", True)
    assert first.source.secret_key == "SKEY"
    assert (second.name, second.object_key) == ("b_00001.json", import_key(project, second.import_id))
    shown = {name: SOURCE[name] for name in ("endpoint", "bucket", "folder")}
    assert made.json()["source"] == shown | {"region": "us-east-1"}
    assert not [answer for answer in (made, single, strange) if "SKEY" in answer.text or "AKEY" in answer.text]


async def test_an_oversized_archive_is_refused_before_it_is_read(gateway: Gateway) -> None:
    address = httpx.URL(gateway.url)
    reader, writer = await asyncio.open_connection(address.host, address.port)
    head = f"POST /api/v1/projects/p/imports HTTP/1.1\r\nHost: {address.host}\r\nContent-Length: {3 << 30}\r\n\r\n"

    writer.write(head.encode())
    answer = await asyncio.wait_for(reader.readuntil(b"}"), 20)
    writer.close()

    assert b" 413 " in answer.splitlines()[0]
    assert b'"limit_mb":2048' in answer


async def test_the_archive_of_a_refused_import_is_deleted(
    gateway: Gateway, services: StubServices, ada: Person, project: str
) -> None:
    await services.answer(questions.StartImport, Problem.of_field("format", "invalid_value"))

    refused = await ada.http.post(f"/projects/{project}/imports", content=ARCHIVE, params={"format": "none"})

    assert (refused.status_code, refused.json()["code"]) == (422, "invalid_value")
    with pytest.raises(NoSuchObject):
        gateway.app.state.dependencies.bus.objects.get_sync(services.last(questions.StartImport).object_key)


async def test_imports_are_listed_read_and_cancelled(importing: StubServices, ada: Person, project: str) -> None:
    made = await ada.http.post(f"/projects/{project}/imports", content=ARCHIVE)
    known = imported(importing.last(questions.StartImport), state="running", progress=0.5)
    await importing.answer(questions.GetImport, known)
    await importing.answer(questions.ListImports, questions.ImportList(items=[known], next_cursor="more"))
    await importing.answer(questions.CancelImport, known.model_copy(update={"state": "cancelled"}))
    path = f"/imports/{made.json()['id']}"

    listed = await ada.http.get(f"/projects/{project}/imports", params={"limit": 1})
    read = await ada.http.get(path)
    await importing.answer(questions.CommitImport, known.model_copy(update={"dry_run": False}))
    carried_out = await ada.http.post(f"{path}/commit")
    cancelled = await ada.http.delete(path)

    assert (listed.json()["items"][0]["id"], listed.json()["next_cursor"]) == (known.id, "more")
    assert (read.json()["progress"], cancelled.json()["state"]) == (0.5, "cancelled")
    assert importing.last(questions.ListImports).page.limit == 1
    assert (carried_out.status_code, importing.last(questions.CommitImport).import_id) == (200, known.id)


async def test_an_import_of_another_project_is_not_found(
    importing: StubServices, ada: Person, eve: Person, project: str
) -> None:
    made = await ada.http.post(f"/projects/{project}/imports", content=ARCHIVE)
    await importing.answer(questions.GetImport, imported(importing.last(questions.StartImport)))
    path = f"/imports/{made.json()['id']}"

    answers = [
        await eve.http.get(path),
        await eve.http.delete(path),
        await eve.http.post(f"{path}/commit"),
        await eve.http.get(f"/projects/{project}/imports"),
        await eve.http.post(f"/projects/{project}/imports", content=ARCHIVE),
        await eve.http.post(f"/projects/{project}/imports/from-s3", json={"source": SOURCE}),
    ]

    assert [answer.status_code for answer in answers] == [404] * 6
