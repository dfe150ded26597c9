"""Every query of the service uses an index."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import TypeVar

import pytest

from common.contract.errors import reason_for
from common.contract.questions import PageRequest, PublishVersion, StartExport, StartImport
from common.messaging.jobs import Progress
from common.service.settings import Settings
from common.storage.mongo import Database, database
from common.storage.objects import Objects
from deploy.local.servers import embedded_servers
from export.dataset.media import export_medium
from export.exporting.repository import MIGRATIONS, ExportRepository
from export.importing.repository import ImportRepository, create_import_indexes
from export.versions.difference import Contents
from export.versions.repository import VersionRepository, create_version_indexes
from tests.export.made import DETECTION, medium
from tests.scans import no_scan

pytestmark = pytest.mark.servers
EXPORT = {"name": "x", "format": "COCO 1.0", "author": "ada"}
IMPORT = {"name": "x", "object_key": "k", "author": "ada"}
MANY = 30


@pytest.fixture
async def stored(tmp_path: Path) -> AsyncIterator[tuple[Database, Objects]]:
    async with embedded_servers(tmp_path) as servers:
        mongo = database(Settings.model_validate(servers.settings("export")))
        for migrate in (*MIGRATIONS, create_import_indexes, create_version_indexes):
            await migrate(mongo)
        yield mongo, Objects(servers.s3.url)


async def test_no_query_scans_a_collection(stored: tuple[Database, Objects]) -> None:
    mongo, objects = stored
    exports, imports, versions = ExportRepository(mongo), ImportRepository(mongo), VersionRepository(mongo, objects)
    for number in range(MANY):
        project = f"p{number % 3}"
        await versions.add(
            PublishVersion(version_id=f"v{number}", project_id=project, author="ada"),
            await contents(project, number, objects),
            0,
            5.0,
        )
        await exports.start(
            StartExport(export_id=f"e{number}", project_id=project, version=f"v{number}", **EXPORT), None, 5.0
        )
        await imports.start(StartImport(import_id=f"i{number}", project_id=project, **IMPORT), None, 5.0)

    async with no_scan(mongo) as asked:
        await a_job(exports, "e")
        await exports.discard("e3")
        await a_job(imports, "i")
        await a_dry_run(imports)
        await a_version(versions)

    assert asked == {"exports", "imports", "versions", "version_media"}


async def contents(project: str, number: int, objects: Objects) -> Contents:
    await objects.put(f"{project}/snapshots/v{number}.ndjson.gz", b"")
    return Contents([DETECTION], [export_medium(medium(f"m{number}"))])


Jobs = TypeVar("Jobs", ExportRepository, ImportRepository)


async def a_job(jobs: Jobs, prefix: str) -> None:
    """Everything that happens to exports and imports alike."""
    page = await jobs.page("p0", PageRequest(limit=2))
    await jobs.page("p0", PageRequest(limit=2, cursor=page.next_cursor))
    entries = [entry async for entry in jobs.unpublished(10.0)]
    assert entries
    await jobs.mark_published(entries)
    assert await jobs.begin(f"{prefix}0", "h", 100.0)
    assert await jobs.hold(f"{prefix}0", "h", 101.0)
    await jobs.progress(f"{prefix}0", "h", Progress(0.5))
    await jobs.finish(f"{prefix}0", "h", {})
    await jobs.forget_keys(f"{prefix}0")
    await jobs.cancel(f"{prefix}1")
    await jobs.fail(f"{prefix}2", reason_for("internal_error"))


async def a_dry_run(imports: ImportRepository) -> None:
    """Everything that happens to dry runs."""
    assert await imports.expired(10.0) == []
    await imports.commit("i0", 10.0)
    await imports.release_archive("i0")


async def a_version(versions: VersionRepository) -> None:
    """Everything that happens to versions."""
    page = await versions.page("p0", PageRequest(limit=2))
    await versions.page("p0", PageRequest(limit=2, cursor=page.next_cursor), ["m0", "m3"])
    assert await versions.make_current("v0", 9.0)
    assert [entry async for entry in versions.unpublished(10.0)]
    entry = await versions.unpublished_version("v0")
    assert entry is not None
    await versions.mark_published([entry])
    assert await versions.delete("v1", 9.0)
