"""Requests to the export service."""

from typing import Any

import pytest

from common.contract.errors import ErrorKind, Problem
from common.contract.events import ExportChanged, WriteExport
from common.contract.questions import Format, ListFormats, StartExport
from export.exporting.repository import ExportRecord
from export.exporting.requests import list_formats
from tests.export.fakes import FakeBus, InMemoryExports, destinations, queued, service

KEY = "p/exports/e.zip"
NOWHERE = destinations(FakeBus([]))


class Collection(InMemoryExports):
    """A record that exists already."""

    async def start(self, question: StartExport, sealed: bytes | None, now: float) -> ExportRecord:
        return self.record


def asked(**more: Any) -> StartExport:
    given: dict[str, Any] = {"export_id": "e", "project_id": "p", "name": "x", "format": "COCO 1.0", "author": "ada"}
    return StartExport(**given | more)


async def test_formats_list_what_they_cannot_carry() -> None:
    found = {known.name: known for known in (await list_formats(ListFormats())).items}

    assert next(iter(found)) == "ezLabel JSON"
    assert found["ezLabel JSON"].cannot_carry == []
    codes = {reason.code for reason in found["COCO 1.0"].cannot_carry}
    assert {"lost_polyline", "lost_groups", "lost_behaviors", "circles_as_polygons"} <= codes
    assert "lost_bbox" not in codes


async def test_an_import_format_is_listed() -> None:
    *_, found = (await list_formats(ListFormats())).items

    assert found == Format(name="MATLAB ground truth JSON", can_export=False, can_import=True, cannot_carry=[])
    with pytest.raises(Problem, match="MATLAB"):
        await service(Collection(queued().record), FakeBus([])).start(asked(format=found.name))


async def test_starting_twice_queues_the_same_job() -> None:
    bus, exports = FakeBus([]), Collection(queued().record)

    first = await service(exports, bus).start(asked())
    second = await service(exports, bus).start(asked())

    assert first == second
    assert [type(event) for event in bus.published] == [ExportChanged, WriteExport] * 2
    assert len({event.id for event in bus.published}) == 2


async def test_an_unknown_format_is_refused_by_name() -> None:
    with pytest.raises(Problem, match="yolo 9") as refused:
        await service(Collection(queued().record), FakeBus([])).start(asked(format="yolo 9"))

    assert refused.value.kind == ErrorKind.INVALID
    assert refused.value.errors[0].field == "format"


async def test_the_id_of_another_projects_export_is_refused() -> None:
    with pytest.raises(Problem, match="export_id_taken"):
        await service(Collection(queued().record), FakeBus([])).start(asked(project_id="q"))


async def test_cancelling_deletes_a_complete_archive_and_is_idempotent() -> None:
    bus, exports = FakeBus([]), queued()
    bus.objects.stored[KEY] = b"zip"
    await exports.begin("e", "h", 1.0)
    await exports.finish("e", "h", {"size_bytes": 3, "sha256": "0"})

    first = await service(exports, bus).cancel("e")
    second = await service(exports, bus).cancel("e")

    assert first.state == second.state == "cancelled"
    assert bus.objects.stored == {}
    assert len({event.id for event in bus.published}) == 1


async def test_a_running_export_is_deleted_by_its_process() -> None:
    bus, exports = FakeBus([]), queued()
    await exports.begin("e", "h", 1.0)
    bus.objects.begin_multipart(KEY, "")

    cancelled = await service(exports, bus).cancel("e")

    assert cancelled.state == "cancelled"
    assert len(bus.objects.uploads) == 1


async def test_a_missing_export_is_not_found() -> None:
    class Empty(InMemoryExports):
        async def find(self, export_id: str) -> ExportRecord | None:
            return None

    with pytest.raises(Problem, match="export_not_found"):
        await service(Empty(queued().record), FakeBus([])).get("x")
