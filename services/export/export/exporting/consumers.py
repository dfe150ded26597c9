"""Jobs that write archives."""

from typing import Annotated

from faststream.nats import NatsRouter

from common.contract.errors import reason_for
from common.contract.events import WriteExport
from common.messaging.delivery import consume, consume_dead_letters
from common.messaging.dependencies import Dependency
from export.exporting.service import ExportService

router = NatsRouter()
Service = Annotated[ExportService, Dependency("export_service")]


@router.subscriber(**consume(WriteExport, by="export"))
async def write_export(job: WriteExport, service: Service) -> None:
    """Write an export's archive."""
    await service.write(job)


@router.subscriber(**consume_dead_letters(WriteExport, by="export"))
async def give_up(job: WriteExport, service: Service) -> None:
    """Fail an export that could not be written."""
    await service.give_up(job, reason_for("export_failed_repeatedly"))
