"""Archives over HTTP: named, resumable, for members of the project only."""

import hashlib
import random
from typing import Any

import pytest

from common.contract.errors import Reason, reason_for
from common.contract.questions import Export, ExternalBucket, Format, FormatList, GetExport, ListFormats, StartExport
from common.storage.objects import archive_key
from tests.gateway.conftest import Gateway, Person
from tests.gateway.stub_services import StubServices

pytestmark = pytest.mark.servers
ARCHIVE = random.Random(4).randbytes(700_000)  # more than is carried at once
SHA256 = hashlib.sha256(ARCHIVE).hexdigest()


def export(project: str, **more: Any) -> Export:
    """A finished export."""
    given: dict[str, Any] = {
        "id": f"x-{project}",
        "project_id": project,
        "name": "Straße 1",
        "format": "COCO 1.0",
        "media": None,
        "classes": None,
        "annotation_types": None,
        "save_images": False,
        "state": "done",
        "progress": 1.0,
        "size_bytes": len(ARCHIVE),
        "sha256": SHA256,
        "object_key": archive_key(project, f"x-{project}"),
        "author": "ada",
        "created_at": 0.0,
    }
    return Export(**given | more)


@pytest.fixture
async def path(gateway: Gateway, services: StubServices, project: str) -> str:
    """The path of a finished export's archive."""
    done = export(project)
    assert done.object_key
    gateway.app.state.dependencies.bus.objects.put_sync(done.object_key, ARCHIVE)
    await services.answer(GetExport, done)
    return f"/exports/{done.id}/archive"


async def test_an_archive_is_downloaded_under_the_name_of_its_export(ada: Person, path: str) -> None:
    whole = await ada.http.get(path)

    assert (whole.status_code, hashlib.sha256(whole.content).hexdigest()) == (200, SHA256)
    assert whole.headers["content-type"] == "application/zip"
    assert whole.headers["content-length"] == str(len(ARCHIVE))
    assert whole.headers["accept-ranges"] == "bytes"
    assert whole.headers["etag"] == f'"{SHA256}"'
    assert "filename*=UTF-8''Stra%C3%9Fe%201.zip" in whole.headers["content-disposition"]


async def test_an_interrupted_download_resumes(ada: Person, path: str) -> None:
    async with ada.http.stream("GET", path) as broken:
        etag = broken.headers["etag"]
        begun = await anext(broken.aiter_raw(100_000))

    rest = await ada.http.get(path, headers={"Range": f"bytes={len(begun)}-", "If-Range": etag})

    assert 0 < len(begun) < len(ARCHIVE)
    assert rest.status_code == 206
    assert rest.headers["content-range"] == f"bytes {len(begun)}-{len(ARCHIVE) - 1}/{len(ARCHIVE)}"
    assert hashlib.sha256(begun + rest.content).hexdigest() == SHA256


@pytest.mark.parametrize(
    ("wanted", "begin", "end"),
    [("bytes=0-9", 0, 10), ("bytes=5-5", 5, 6), ("bytes=-7", -7, None), ("bytes=699990-999999999", -10, None)],
)
async def test_any_range_can_be_downloaded(ada: Person, path: str, wanted: str, begin: int, end: int | None) -> None:
    part = await ada.http.get(path, headers={"Range": wanted})

    assert (part.status_code, part.content) == (206, ARCHIVE[begin:end])


async def test_a_range_beyond_the_end_is_not_satisfiable(ada: Person, path: str) -> None:
    answer = await ada.http.get(path, headers={"Range": f"bytes={len(ARCHIVE)}-"})

    assert (answer.status_code, answer.headers["content-range"]) == (416, f"bytes */{len(ARCHIVE)}")


@pytest.mark.parametrize("wanted", ["bytes=9-5", "bytes=x-y", "lines=0-9", "bytes=0-9,20-29"])
async def test_malformed_and_multiple_ranges_get_the_whole_archive(ada: Person, path: str, wanted: str) -> None:
    answer = await ada.http.get(path, headers={"Range": wanted})

    assert (answer.status_code, answer.content) == (200, ARCHIVE)


async def test_a_range_of_another_version_gets_the_whole_archive(ada: Person, path: str) -> None:
    answer = await ada.http.get(path, headers={"Range": "bytes=9-", "If-Range": '"another"'})

    assert (answer.status_code, answer.content) == (200, ARCHIVE)


async def test_a_known_archive_is_not_modified(ada: Person, path: str) -> None:
    answer = await ada.http.get(path, headers={"If-None-Match": f'"{SHA256}"'})

    assert (answer.status_code, answer.content) == (304, b"")


async def test_an_archive_of_another_project_is_not_found(eve: Person, path: str) -> None:
    answers = [await eve.http.get(path), await eve.http.get(path, headers={"Range": "bytes=0-9"})]

    assert [answer.status_code for answer in answers] == [404, 404]


FAILED = reason_for("export_failed_repeatedly")


@pytest.mark.parametrize(
    ("state", "reason"),
    [("running", None), ("failed", FAILED)],
)
async def test_an_unfinished_export_has_no_archive(
    ada: Person, services: StubServices, project: str, state: str, reason: Reason | None
) -> None:
    unfinished = export(project, state=state, reason=reason, object_key=None, sha256=None, size_bytes=None)
    await services.answer(GetExport, unfinished)

    answer = await ada.http.get(f"/exports/{unfinished.id}/archive")

    assert (answer.status_code, answer.json()["code"]) == (409, "export_not_ready")
    assert answer.json()["params"] == {"state": state}


async def test_an_archive_missing_in_s3_is_not_found(
    ada: Person, gateway: Gateway, services: StubServices, path: str, project: str
) -> None:
    gateway.app.state.dependencies.bus.objects.delete_sync(export(project).object_key)

    assert (await ada.http.get(path)).status_code == 404


async def test_formats_are_listed_with_their_limitations(ada: Person, services: StubServices) -> None:
    known = Format(name="COCO 1.0", can_export=True, can_import=False, cannot_carry=[reason_for("lost_behaviors")])
    await services.answer(ListFormats, FormatList(items=[known]))

    answer = await ada.http.get("/formats")

    assert answer.json()["items"] == [known.model_dump()]


async def test_an_export_has_filters_and_an_external_bucket(ada: Person, services: StubServices, project: str) -> None:
    await services.answer(StartExport, export(project))
    target = {
        "endpoint": "https://s3.example.com",
        "bucket": "b",
        "folder": "f",
        "access_key": "AK",
        "secret_key": "SK",
    }
    choices = {
        "sources": ["manual", "import"],
        "done_only": True,
        "labeled_only": "frames",
        "save_images": True,
        "images_as": "originals",
        "frame_step": 5,
        "split": {"train": 0.7, "val": 0.2, "test": 0.1, "seed": 3},
    }

    body = {"name": "x", "format": "COCO 1.0", "target": target, **choices}
    answer = await ada.http.post(f"/projects/{project}/exports", json=body)

    assert answer.status_code == 201, answer.text
    asked = services.last(StartExport)
    assert {name: value for name, value in asked.model_dump().items() if name in choices} == choices
    assert asked.target.secret_key == "SK"
    assert "SK" not in answer.text


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"frame_step": 0}, "frame_step"),
        ({"sources": []}, "sources"),
        ({"sources": ["magic"]}, "sources.0"),
        ({"labeled_only": "clips"}, "labeled_only"),
        ({"split": {"train": -1}}, "split.train"),
        (
            {"target": {"endpoint": "x", "bucket": "b", "access_key": "AK" * 300, "secret_key": "SK"}},
            "target.access_key",
        ),
        ({"target": {"endpoint": "x", "bucket": "b", "secret_key": "SK"}}, "target.access_key"),
    ],
)
async def test_an_invalid_export_names_the_field_and_shows_no_key(
    ada: Person, project: str, wrong: dict[str, Any], field: str
) -> None:
    answer = await ada.http.post(f"/projects/{project}/exports", json={"name": "x", "format": "COCO 1.0", **wrong})

    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [field]
    assert "SK" not in answer.text
    assert "AKAK" not in answer.text


async def test_an_archive_in_an_external_bucket_cannot_be_downloaded(
    ada: Person, services: StubServices, project: str
) -> None:
    place = ExternalBucket(endpoint="https://s3.example.com", bucket="b")
    gone = export(project, target=place, object_key=None)
    await services.answer(GetExport, gone)

    answer = await ada.http.get(f"/exports/{gone.id}/archive")

    assert (answer.status_code, answer.json()["code"]) == (409, "export_in_external_bucket")
    assert answer.json()["params"] == {"endpoint": "https://s3.example.com"}
