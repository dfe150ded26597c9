"""Label files in an external S3 bucket are fetched once, and the keys are deleted."""

import io
import zipfile
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from common.contract.errors import Problem
from common.contract.questions import Import, StartImport
from common.messaging.jobs import JobStopped
from export.importing import fetching
from export.importing.fetching import fetch
from export.importing.progress import ImportProgress
from export.importing.repository import ImportRecord
from export.parsing.archive_reader import ArchiveReader
from tests.export.external_s3 import ExternalS3
from tests.export.fakes import SECRET_BOX, FakeBus, destinations
from tests.export.parsing.made_archives import packed

pytestmark = pytest.mark.servers
KEY = "p/imports/i"


@dataclass
class Attempt:
    """An import up to the fetching of its archive."""

    record: ImportRecord
    bus: FakeBus = field(default_factory=lambda: FakeBus([]))
    work: ImportProgress = field(default_factory=ImportProgress)

    @classmethod
    def of(cls, external_s3: ExternalS3, **more: Any) -> "Attempt":
        target = external_s3.target(**more)
        asked = StartImport(import_id="i", project_id="p", name="x", object_key=KEY, source=target, author="ada")
        given = asked.model_dump(exclude={"import_id": True, "source": {"access_key", "secret_key"}})
        imported = Import(**given, id="i", state="running", progress=0.0, created_at=0.0)
        return cls(ImportRecord(imported, 1, SECRET_BOX.encrypt("i", target)))

    async def forget_keys(self, import_id: str) -> None:
        self.record = replace(self.record, sealed=None)

    async def fetch(self, allowed: str) -> None:
        await fetch(self.record, self.work, self, destinations(self.bus, allowed), self.bus)  # type: ignore[arg-type]

    @property
    def stored(self) -> bytes:
        return self.bus.objects.stored[KEY]


async def test_a_folder_becomes_an_archive_of_its_labels(external_s3: ExternalS3) -> None:
    large = b"[" + b"1," * 2_000_000 + b"1]"
    for name, content in {"a_00001.json": b"{}", "set/b.xml": large, "set/b.jpg": b"x" * 99, "set/": b""}.items():
        await external_s3.objects.put(f"from us/{name}", content)
    await external_s3.objects.put("from us too/c.json", b"{}")
    attempt = Attempt.of(external_s3)

    await attempt.fetch(external_s3.allowed)

    found = ArchiveReader.open(io.BytesIO(attempt.stored), "x")
    assert {name: found.read(name) for name in found.names} == {
        "a_00001.json": b"{}",
        "set/b.jpg": b"",
        "set/b.xml": large,
    }
    assert attempt.work.fetched == pytest.approx(1.0)
    assert attempt.record.sealed is None


async def test_without_a_folder_the_whole_bucket_is_fetched(external_s3: ExternalS3) -> None:
    await external_s3.objects.put("a.json", b"{}")
    attempt = Attempt.of(external_s3, folder="")

    await attempt.fetch(external_s3.allowed)

    with zipfile.ZipFile(io.BytesIO(attempt.stored)) as archive:
        assert archive.namelist() == ["a.json"]


async def test_an_archive_is_fetched_unchanged_and_once(external_s3: ExternalS3) -> None:
    content = packed({"a.json": b"{}"})
    await external_s3.objects.put("from us/all.zip", content)
    attempt = Attempt.of(external_s3, folder="from us/all.zip")

    await attempt.fetch(external_s3.allowed)
    await external_s3.objects.delete("from us/all.zip")
    await attempt.fetch(external_s3.allowed)

    assert attempt.stored == content


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"folder": "nothing"}, "import_source_folder_empty"),
        ({"secret_key": "notTheSecret123"}, "external_wrong_secret_key"),
        ({"bucket": "not-there"}, "external_no_such_bucket"),
        ({"endpoint": "http://127.0.0.1:9"}, "external_address_not_public"),
    ],
)
async def test_a_failed_fetch_is_reported_without_keys(
    external_s3: ExternalS3, wrong: dict[str, str], code: str
) -> None:
    await external_s3.objects.put("from us/a.json", b"{}")
    attempt = Attempt.of(external_s3, **wrong)

    with pytest.raises(Problem) as refused:
        await attempt.fetch(external_s3.allowed)

    assert refused.value.code == code
    assert external_s3.credentials.s3_secret_key not in str(refused.value)
    assert not attempt.bus.objects.stored


@pytest.mark.parametrize(
    ("limit", "value", "code"),
    [
        ("MOST_FILES", 1, "import_source_too_many_files"),
        ("LARGEST_FILE", 10, "archive_file_too_large"),
        ("MOST_BYTES", 10, "import_source_too_large"),
    ],
)
async def test_too_large_sources_are_refused_before_they_are_read(
    external_s3: ExternalS3, monkeypatch: pytest.MonkeyPatch, limit: str, value: int, code: str
) -> None:
    monkeypatch.setattr(fetching, limit, value)
    for name in ("a.json", "b.json"):
        await external_s3.objects.put(f"from us/{name}", b"[1,2,3,4,5,6,7,8,9]")
    attempt = Attempt.of(external_s3)

    with pytest.raises(Problem) as refused:
        await attempt.fetch(external_s3.allowed)

    assert refused.value.code == code
    assert not attempt.bus.objects.stored


async def test_a_cancelled_fetch_leaves_nothing(external_s3: ExternalS3) -> None:
    await external_s3.objects.put("from us/a.json", b"{}")
    attempt = Attempt.of(external_s3)
    attempt.work.lease.stopped.set()

    with pytest.raises(JobStopped):
        await attempt.fetch(external_s3.allowed)

    assert not attempt.bus.objects.stored


async def test_a_source_whose_keys_are_deleted_is_refused(external_s3: ExternalS3) -> None:
    attempt = Attempt.of(external_s3)
    attempt.record = replace(attempt.record, sealed=None)

    with pytest.raises(Problem) as refused:
        await attempt.fetch(external_s3.allowed)

    assert refused.value.code == "import_source_keys_expired"


async def test_an_uploaded_archive_is_not_fetched() -> None:
    imported = Import(
        id="i",
        project_id="p",
        name="x",
        object_key=KEY,
        format=None,
        media=None,
        mission=None,
        dry_run=False,
        add_classes=True,
        state="running",
        progress=0.0,
        author="ada",
        created_at=0.0,
    )
    attempt = Attempt(ImportRecord(imported, 1))

    await attempt.fetch("")

    assert not attempt.bus.objects.stored
