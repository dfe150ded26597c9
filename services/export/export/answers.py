"""What export answers when asked."""

import time
from typing import Annotated

from faststream.nats import NatsRouter

from common.bus import Roads, answer
from common.errors import Problem, not_found
from common.given import Given
from common.questions import (
    CancelExport,
    Export,
    ExportList,
    Format,
    FormatList,
    GetExport,
    ListExports,
    ListFormats,
    StartExport,
)
from export.domain.formats import FORMATS
from export.domain.selection import faults
from export.metrics import EXPORTS
from export.store.archives import Archives
from export.store.exports import ExportStore, Record
from export.telling import tell_ended, tell_queued

router = NatsRouter()
Exports = Annotated[ExportStore, Given("exports")]
Written = Annotated[Archives, Given("archives")]


@router.subscriber(**answer(ListFormats))
async def list_formats(_: ListFormats) -> FormatList:
    """The formats there are."""
    return FormatList(
        items=[
            Format(name=known.name, can_export=True, can_import=False, cannot_carry=list(known.cannot_carry))
            for known in FORMATS.values()
        ]
    )


@router.subscriber(**answer(StartExport))
async def start_export(question: StartExport, exports: Exports, bus: Roads) -> Export:
    """Queue an export; the same id again is the same export."""
    if found := faults(question, frozenset(FORMATS)):
        raise Problem(422, "Invalid request", found[0].message, found)
    record = await exports.start(question, time.time())
    if record.export.project_id != question.project_id:
        raise Problem(409, "Id taken", "Another export has this id.")
    if record.export.state == "queued":
        await tell_queued(record, exports, bus)
    return record.export


@router.subscriber(**answer(GetExport))
async def get_export(question: GetExport, exports: Exports) -> Export:
    """One export."""
    return (await _found(question.export_id, exports)).export


@router.subscriber(**answer(ListExports))
async def list_exports(question: ListExports, exports: Exports) -> ExportList:
    """The exports of a project, newest first."""
    return await exports.page(question.project_id, question.page)


@router.subscriber(**answer(CancelExport))
async def cancel_export(question: CancelExport, exports: Exports, archives: Written, bus: Roads) -> Export:
    """Stop an export and remove what there is of it, also a complete archive; a failed one stays failed."""
    before = await _found(question.export_id, exports)
    cancelled = await exports.cancel(question.export_id)
    if cancelled is not None:
        EXPORTS.labels(cancelled.export.format, "cancelled").inc()
    record = cancelled or await _found(question.export_id, exports)
    if before.export.state == "running":
        # Who writes it notices within two seconds, and removes it; pulling its parts away would look like a fault.
        await bus.tell(record.changed())
    elif record.export.state == "cancelled":
        await tell_ended(record, archives, bus)
    return record.export


async def _found(export_id: str, exports: ExportStore) -> Record:
    record = await exports.find(export_id)
    if record is None:
        raise not_found("export")
    return record
