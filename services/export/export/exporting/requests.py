"""Questions about formats and exports."""

from typing import Annotated

from faststream.nats import NatsRouter

from common.contract import questions
from common.messaging.dependencies import Dependency
from common.messaging.handlers import request_handler
from export.exporting.repository import ExportRepository
from export.exporting.service import ExportService
from export.formats.registry import FORMATS, READERS

router = NatsRouter()
Exports = Annotated[ExportRepository, Dependency("exports")]
Service = Annotated[ExportService, Dependency("export_service")]


@router.subscriber(**request_handler(questions.ListFormats))
async def list_formats(_: questions.ListFormats) -> questions.FormatList:
    """All formats; those that can only be imported come last."""
    exported = [
        questions.Format(name=name, can_export=True, can_import=name in READERS, cannot_carry=list(known.cannot_carry))
        for name, known in FORMATS.items()
    ]
    import_only = [name for name in READERS if name not in FORMATS]
    return questions.FormatList(
        items=[
            *exported,
            *(questions.Format(name=name, can_export=False, can_import=True, cannot_carry=[]) for name in import_only),
        ]
    )


@router.subscriber(**request_handler(questions.StartExport))
async def start_export(question: questions.StartExport, service: Service) -> questions.Export:
    """Start an export."""
    return await service.start(question)


@router.subscriber(**request_handler(questions.GetExport))
async def get_export(question: questions.GetExport, service: Service) -> questions.Export:
    """An export."""
    return (await service.get(question.export_id)).export


@router.subscriber(**request_handler(questions.ListExports))
async def list_exports(question: questions.ListExports, exports: Exports) -> questions.ExportList:
    """The exports of a project, newest first."""
    return await exports.page(question.project_id, question.page)


@router.subscriber(**request_handler(questions.CancelExport))
async def cancel_export(question: questions.CancelExport, service: Service) -> questions.Export:
    """Cancel an export."""
    return await service.cancel(question.export_id)
