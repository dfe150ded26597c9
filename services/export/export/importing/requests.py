"""What export answers about the way in."""

import time
from typing import Annotated

from faststream.nats import NatsRouter

from common.contract.errors import Problem
from common.contract.questions import (
    CancelImport,
    CommitImport,
    GetImport,
    Import,
    ImportList,
    ListImports,
    StartImport,
)
from common.messaging.bus import InjectedBus
from common.messaging.dependencies import Dependency
from common.messaging.handlers import request_handler
from export.formats.registry import READERS
from export.importing.outbox import tell_import_ended, tell_import_queued
from export.importing.repository import ImportRecord, ImportStore
from export.metrics import IMPORTS
from export.storage.destinations import Destinations
from export.storage.external_bucket import faults_of, settled

router = NatsRouter()
Imports = Annotated[ImportStore, Dependency("imports")]
Places = Annotated[Destinations, Dependency("destinations")]


@router.subscriber(**request_handler(StartImport))
async def start_import(question: StartImport, imports: Imports, sources: Places, bus: InjectedBus) -> Import:
    """Queue an import; the same id again is the same import."""
    if question.source is not None:
        question = question.model_copy(update={"source": settled(question.source)})
    if found := faults_of(question.source, sources.reachable, "source"):
        raise Problem(422, "Invalid request", found[0].message, found)
    if question.format is not None and question.format not in READERS:
        raise Problem.of_field("format", "import_format_unknown", format=question.format)
    if question.media is not None and not question.media:
        raise Problem.of_field("media", "import_media_empty")
    sealed = sources.seal.close(question.import_id, question.source) if question.source else None
    record = await imports.start(question, sealed, time.time())
    if record.imported.project_id != question.project_id:
        raise Problem("import_id_taken")
    if record.imported.state == "queued":
        await tell_import_queued(record, imports, bus)
    return record.imported


@router.subscriber(**request_handler(GetImport))
async def get_import(question: GetImport, imports: Imports) -> Import:
    """One import."""
    return (await _found(question.import_id, imports)).imported


@router.subscriber(**request_handler(ListImports))
async def list_imports(question: ListImports, imports: Imports) -> ImportList:
    """The imports of a project, newest first."""
    return await imports.page(question.project_id, question.page)


@router.subscriber(**request_handler(CommitImport))
async def carry_out_import(question: CommitImport, imports: Imports, bus: InjectedBus) -> Import:
    """Queue a dry run that has ended as an import in earnest; one that was queued so stays as it is."""
    before = await _found(question.import_id, imports)
    record = await imports.carry_out(question.import_id, time.time()) or await _found(question.import_id, imports)
    if record.imported.dry_run:
        is_over = before.imported.state == "done"
        raise Problem("import_archive_expired" if is_over else "import_not_checked")
    if record.imported.state == "queued":
        await tell_import_queued(record, imports, bus)
    return record.imported


@router.subscriber(**request_handler(CancelImport))
async def cancel_import(question: CancelImport, imports: Imports, bus: InjectedBus) -> Import:
    """Stop an import; one that has ended stays as it is."""
    before = await _found(question.import_id, imports)
    cancelled = await imports.cancel(question.import_id)
    if cancelled is None:
        return (await _found(question.import_id, imports)).imported
    IMPORTS.labels("cancelled").inc()
    if before.imported.state == "running":
        # Who reads it notices within two seconds; pulling the archive away would look like a fault.
        await bus.publish(cancelled.changed())
    else:
        await tell_import_ended(cancelled, imports, bus)
    return cancelled.imported


async def _found(import_id: str, imports: ImportStore) -> ImportRecord:
    record = await imports.find(import_id)
    if record is None:
        raise Problem("import_not_found")
    return record
