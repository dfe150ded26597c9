"""Archives that go to an external S3 bucket: a real one, beside the service's own."""

import asyncio
from typing import Any

import pytest

from common.contract.events import ExportChanged, WriteExport
from tests.export.external_s3 import ExternalS3
from tests.export.fakes import FakeBus, InMemoryExports, queued, service
from tests.export.made import keyframe, labeled, medium

pytestmark = pytest.mark.servers
JOB = WriteExport(project_id="p", export_id="e")
OWN = "p/exports/e.zip"
MEDIA = [medium("m1", "a.mp4", 120), medium("m2", "b.jpg", size_bytes=20_000_000)]
OBJECTS = [labeled("o1", keyframe(0), keyframe(100, 5, 5, 90, 90))]


async def write(exports: InMemoryExports, bus: FakeBus, allowed: str) -> None:
    await service(exports, bus, allowed).write(JOB)


async def test_an_external_archive_equals_a_downloaded_one(external_s3: ExternalS3) -> None:
    here, there = FakeBus(MEDIA, OBJECTS), FakeBus(MEDIA, OBJECTS)
    own, sent = queued(save_images=True), queued(save_images=True, target=external_s3.target())

    await write(own, here, "")
    await write(sent, there, external_s3.allowed)

    assert sent.record.export.state == "done", sent.record.export.reason
    assert await external_s3.objects.get("from us/x.zip") == here.objects.stored[OWN]
    assert sent.record.export.sha256 == own.record.export.sha256
    assert sent.record.export.object_key is None
    assert external_s3.left() == ["from us/x.zip"]
    assert OWN not in there.objects.stored
    assert sent.record.sealed is None
    assert {type(event) for event in there.published} == {ExportChanged}


async def test_an_archive_replaces_one_of_the_same_name(external_s3: ExternalS3) -> None:
    for labels in (OBJECTS, []):
        exports = queued(target=external_s3.target(folder=""))
        await write(exports, FakeBus(MEDIA, labels), external_s3.allowed)

    assert external_s3.left("x.zip") == ["x.zip"]
    assert exports.record.export.size_bytes == len(await external_s3.objects.get("x.zip"))


async def test_a_cancelled_export_keeps_an_existing_archive(external_s3: ExternalS3) -> None:
    exports = queued(save_images=True, target=external_s3.target())
    unfinished: list[str] = []

    class CancelledWhileRendering(FakeBus):
        def strip_of(self, question: Any) -> Any:
            unfinished.extend(external_s3.objects.list_multiparts("from us/x.zip"))
            if self.strips == 3:
                asyncio.get_running_loop().create_task(exports.discard("e"))
            return super().strip_of(question)

    bus = CancelledWhileRendering([MEDIA[1], medium("m3", "z.mp4", 100_000)], OBJECTS)
    await external_s3.objects.put("from us/x.zip", b"older")

    await write(exports, bus, external_s3.allowed)

    assert unfinished
    assert exports.record.export.state == "cancelled"
    assert external_s3.left() == ["from us/x.zip"]
    assert await external_s3.objects.get("from us/x.zip") == b"older"
    assert exports.record.sealed is None


async def test_unfinished_uploads_of_a_killed_attempt_are_deleted(external_s3: ExternalS3) -> None:
    exports = queued(save_images=True, target=external_s3.target())
    await exports.begin("e", "killed", -100.0)
    upload = external_s3.objects.begin_multipart("from us/x.zip", "application/zip")
    external_s3.objects.put_part("from us/x.zip", upload, 1, b"half" * 2_000_000)

    await write(exports, FakeBus(MEDIA, OBJECTS), external_s3.allowed)

    assert external_s3.left() == ["from us/x.zip"]


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"secret_key": "notTheSecret123"}, "secret key"),
        ({"access_key": "unknownKey"}, "access key"),
        ({"bucket": "not-there"}, "bucket"),
    ],
)
async def test_a_refusal_is_reported_without_keys(external_s3: ExternalS3, wrong: dict[str, str], words: str) -> None:
    bus, exports = FakeBus(MEDIA, OBJECTS), queued(save_images=True, target=external_s3.target(**wrong))

    await write(exports, bus, external_s3.allowed)

    export = exports.record.export
    assert export.state == "failed"
    assert words in str(export.reason)
    visible = "".join(event.model_dump_json() for event in bus.published) + export.model_dump_json()
    keys = {external_s3.credentials.s3_access_key, external_s3.credentials.s3_secret_key, *wrong.values()} - {
        "not-there"
    }
    assert not [key for key in keys if key in visible]
    assert exports.record.sealed is None


async def test_an_address_that_is_not_allowed_is_never_called(external_s3: ExternalS3) -> None:
    bus, exports = FakeBus(MEDIA, OBJECTS), queued(target=external_s3.target())

    await write(exports, bus, "127.0.0.1:1")

    assert exports.record.export.state == "failed"
    assert "not a public address" in str(exports.record.export.reason)
    assert external_s3.left() == []


async def test_an_unreachable_server_fails_with_a_reason(external_s3: ExternalS3) -> None:
    bus, exports = FakeBus(MEDIA, OBJECTS), queued(target=external_s3.target(endpoint="http://127.0.0.1:9"))

    await write(exports, bus, "127.0.0.1")

    assert exports.record.export.state == "failed"
    assert "did not answer" in str(exports.record.export.reason)


async def test_an_export_whose_keys_are_deleted_fails_with_a_reason(external_s3: ExternalS3) -> None:
    bus, exports = FakeBus(MEDIA, OBJECTS), queued(target=external_s3.target(bucket="not-there"))
    await write(exports, bus, external_s3.allowed)

    await write(exports, bus, external_s3.allowed)

    assert exports.record.export.state == "failed"
    assert "used only once" in str(exports.record.export.reason)
