"""Jobs that import archives."""

from typing import Annotated

from faststream.nats import NatsRouter

from common.contract.errors import reason_for
from common.contract.events import ReadArchive
from common.messaging.delivery import consume, consume_dead_letters
from common.messaging.dependencies import Dependency
from export.importing.service import ImportService

router = NatsRouter()
Service = Annotated[ImportService, Dependency("import_service")]


@router.subscriber(**consume(ReadArchive, by="export"))
async def read_archive(job: ReadArchive, service: Service) -> None:
    """Import an uploaded archive."""
    await service.read(job)


@router.subscriber(**consume_dead_letters(ReadArchive, by="export"))
async def give_up_import(job: ReadArchive, service: Service) -> None:
    """Fail an import that could not be read."""
    await service.give_up(job, reason_for("import_failed_repeatedly"))
