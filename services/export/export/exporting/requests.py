"""What export answers when asked."""

import time
from typing import Annotated

from faststream.nats import NatsRouter

from common.contract.questions import (
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
from common.messaging.bus import InjectedBus
from common.messaging.dependencies import Dependency
from common.messaging.handlers import request_handler
from common.service.errors import Problem, invalid, not_found
from export.dataset.selection import faults
from export.exporting.outbox import tell_ended, tell_queued
from export.exporting.repository import ExportStore, Record
from export.formats.registry import FORMATS, READERS
from export.metrics import EXPORTS
from export.storage.destinations import Destinations
from export.storage.external_bucket import faults_of, settled
from export.versions.repository import VersionStore

router = NatsRouter()
Exports = Annotated[ExportStore, Dependency("exports")]
Places = Annotated[Destinations, Dependency("destinations")]
Versions = Annotated[VersionStore, Dependency("versions")]


@router.subscriber(**request_handler(ListFormats))
async def list_formats(_: ListFormats) -> FormatList:
    """The formats there are; those that have only a way in come last."""
    both = [
        Format(name=name, can_export=True, can_import=name in READERS, cannot_carry=list(known.cannot_carry))
        for name, known in FORMATS.items()
    ]
    only_in = [name for name in READERS if name not in FORMATS]
    return FormatList(
        items=[*both, *(Format(name=name, can_export=False, can_import=True, cannot_carry=[]) for name in only_in)]
    )


@router.subscriber(**request_handler(StartExport))
async def start_export(
    question: StartExport, exports: Exports, destinations: Places, versions: Versions, bus: InjectedBus
) -> Export:
    """Queue an export; the same id again is the same export."""
    if question.target is not None:
        question = question.model_copy(update={"target": settled(question.target)})
    if found := [*faults(question, frozenset(FORMATS)), *faults_of(question.target, destinations.reachable)]:
        raise Problem(422, "Invalid request", found[0].message, found)
    if question.version is not None:
        version = await versions.find(question.version)
        if version is None or version.project_id != question.project_id:
            raise invalid("version", "There is no such version in this project.")
    sealed = destinations.seal.close(question.export_id, question.target) if question.target else None
    record = await exports.start(question, sealed, time.time())
    if record.export.project_id != question.project_id:
        raise Problem(409, "Id taken", "Another export has this id.")
    if record.export.state == "queued":
        await tell_queued(record, exports, bus)
    return record.export


@router.subscriber(**request_handler(GetExport))
async def get_export(question: GetExport, exports: Exports) -> Export:
    """One export."""
    return (await _found(question.export_id, exports)).export


@router.subscriber(**request_handler(ListExports))
async def list_exports(question: ListExports, exports: Exports) -> ExportList:
    """The exports of a project, newest first."""
    return await exports.page(question.project_id, question.page)


@router.subscriber(**request_handler(CancelExport))
async def cancel_export(question: CancelExport, exports: Exports, destinations: Places, bus: InjectedBus) -> Export:
    """Stop an export and remove what there is of it, also a complete archive, unless it went to someone else's S3; a
    failed one stays failed."""
    before = await _found(question.export_id, exports)
    cancelled = await exports.cancel(question.export_id)
    if cancelled is not None:
        EXPORTS.labels(cancelled.export.format, "cancelled").inc()
    record = cancelled or await _found(question.export_id, exports)
    if before.export.state == "running":
        # Who writes it notices within two seconds, and removes it; pulling its parts away would look like a fault.
        await bus.publish(record.changed())
    elif record.export.state == "cancelled":
        await tell_ended(record, exports, destinations, bus)
    return record.export


async def _found(export_id: str, exports: ExportStore) -> Record:
    record = await exports.find(export_id)
    if record is None:
        raise not_found("export")
    return record
