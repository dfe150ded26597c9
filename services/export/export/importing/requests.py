"""Questions about imports."""

from typing import Annotated

from faststream.nats import NatsRouter

from common.contract.questions import (
    CancelImport,
    CommitImport,
    GetImport,
    Import,
    ImportList,
    ListImports,
    StartImport,
)
from common.messaging.dependencies import Dependency
from common.messaging.handlers import request_handler
from export.importing.repository import ImportRepository
from export.importing.service import ImportService

router = NatsRouter()
Imports = Annotated[ImportRepository, Dependency("imports")]
Service = Annotated[ImportService, Dependency("import_service")]


@router.subscriber(**request_handler(StartImport))
async def start_import(question: StartImport, service: Service) -> Import:
    """Start an import."""
    return await service.start(question)


@router.subscriber(**request_handler(GetImport))
async def get_import(question: GetImport, service: Service) -> Import:
    """An import."""
    return (await service.get(question.import_id)).imported


@router.subscriber(**request_handler(ListImports))
async def list_imports(question: ListImports, imports: Imports) -> ImportList:
    """The imports of a project, newest first."""
    return await imports.page(question.project_id, question.page)


@router.subscriber(**request_handler(CommitImport))
async def commit_import(question: CommitImport, service: Service) -> Import:
    """Run an import after a dry run."""
    return await service.commit(question.import_id)


@router.subscriber(**request_handler(CancelImport))
async def cancel_import(question: CancelImport, service: Service) -> Import:
    """Cancel an import."""
    return await service.cancel(question.import_id)
