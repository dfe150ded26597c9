"""Questions about imports."""

from typing import Annotated

from faststream.nats import NatsRouter

from common.contract import questions
from common.messaging.dependencies import Dependency
from common.messaging.handlers import request_handler
from export.importing.repository import ImportRepository
from export.importing.service import ImportService

router = NatsRouter()
Imports = Annotated[ImportRepository, Dependency("imports")]
Service = Annotated[ImportService, Dependency("import_service")]


@router.subscriber(**request_handler(questions.StartImport))
async def start_import(question: questions.StartImport, service: Service) -> questions.Import:
    """Start an import."""
    return await service.start(question)


@router.subscriber(**request_handler(questions.GetImport))
async def get_import(question: questions.GetImport, service: Service) -> questions.Import:
    """An import."""
    return (await service.get(question.import_id)).imported


@router.subscriber(**request_handler(questions.ListImports))
async def list_imports(question: questions.ListImports, imports: Imports) -> questions.ImportList:
    """The imports of a project, newest first."""
    return await imports.page(question.project_id, question.page)


@router.subscriber(**request_handler(questions.CommitImport))
async def commit_import(question: questions.CommitImport, service: Service) -> questions.Import:
    """Run an import after a dry run."""
    return await service.commit(question.import_id)


@router.subscriber(**request_handler(questions.CancelImport))
async def cancel_import(question: questions.CancelImport, service: Service) -> questions.Import:
    """Cancel an import."""
    return await service.cancel(question.import_id)
