"""Questions about formats and exports."""

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
from common.messaging.dependencies import Dependency
from common.messaging.handlers import request_handler
from export.exporting.repository import ExportRepository
from export.exporting.service import ExportService
from export.formats.registry import FORMATS, READERS

router = NatsRouter()
Exports = Annotated[ExportRepository, Dependency("exports")]
Service = Annotated[ExportService, Dependency("export_service")]


@router.subscriber(**request_handler(ListFormats))
async def list_formats(_: ListFormats) -> FormatList:
    """All formats; those that can only be imported come last."""
    both = [
        Format(name=name, can_export=True, can_import=name in READERS, cannot_carry=list(known.cannot_carry))
        for name, known in FORMATS.items()
    ]
    import_only = [name for name in READERS if name not in FORMATS]
    return FormatList(
        items=[*both, *(Format(name=name, can_export=False, can_import=True, cannot_carry=[]) for name in import_only)]
    )


@router.subscriber(**request_handler(StartExport))
async def start_export(question: StartExport, service: Service) -> Export:
    """Start an export."""
    return await service.start(question)


@router.subscriber(**request_handler(GetExport))
async def get_export(question: GetExport, service: Service) -> Export:
    """An export."""
    return (await service.get(question.export_id)).export


@router.subscriber(**request_handler(ListExports))
async def list_exports(question: ListExports, exports: Exports) -> ExportList:
    """The exports of a project, newest first."""
    return await exports.page(question.project_id, question.page)


@router.subscriber(**request_handler(CancelExport))
async def cancel_export(question: CancelExport, service: Service) -> Export:
    """Cancel an export."""
    return await service.cancel(question.export_id)
