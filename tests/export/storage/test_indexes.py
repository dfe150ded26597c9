"""Every query of the service finds what it looks for by an index, however much there is."""

from collections.abc import AsyncIterator
from pathlib import Path

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


async def test_no_query_looks_at_a_whole_collection(stored: tuple[Database, Objects]) -> None:
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
        await an_export(exports)
        await an_import(imports)
        await a_version(versions)

    assert asked == {"exports", "imports", "versions", "version_media"}


async def contents(project: str, number: int, objects: Objects) -> Contents:
    await objects.put(f"{project}/snapshots/v{number}.ndjson.gz", b"")
    return Contents([DETECTION], [export_medium(medium(f"m{number}"))])


async def an_export(exports: ExportRepository) -> None:
    """Everything that happens to exports."""
    page = await exports.page("p0", PageRequest(limit=2))
    await exports.page("p0", PageRequest(limit=2, cursor=page.next_cursor))
    entries = [entry async for entry in exports.unpublished(10.0)]
    assert entries
    await exports.mark_published(entries)
    assert await exports.begin("e0", "h", 100.0)
    assert await exports.hold("e0", "h", 101.0)
    await exports.progress("e0", "h", Progress(0.5))
    await exports.finish("e0", "h", {"size_bytes": 1, "sha256": "0", "object_key": "k"})
    await exports.forget_keys("e0")
    await exports.discard("e1")
    await exports.fail("e2", reason_for("export_failed_repeatedly"))


async def an_import(imports: ImportRepository) -> None:
    """Everything that happens to imports."""
    page = await imports.page("p0", PageRequest(limit=2))
    await imports.page("p0", PageRequest(limit=2, cursor=page.next_cursor))
    entries = [entry async for entry in imports.unpublished(10.0)]
    assert entries
    await imports.mark_published(entries)
    assert await imports.begin("i0", "h", 100.0)
    assert await imports.hold("i0", "h", 101.0)
    await imports.progress("i0", "h", Progress(0.5))
    await imports.finish("i0", "h", {})
    await imports.forget_keys("i0")
    assert await imports.expired(10.0) == []
    await imports.commit("i0", 10.0)
    await imports.release_archive("i0")
    await imports.cancel("i1")
    await imports.fail("i2", reason_for("import_failed_repeatedly"))


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
