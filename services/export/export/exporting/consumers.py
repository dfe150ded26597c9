"""Jobs that write archives."""

from common.contract.events import WriteExport
from common.messaging.delivery import EventRouter
from export.exporting.service import ExportService

router = EventRouter[ExportService]("export_service", by="export")

router.consume(WriteExport, ExportService.write)
router.consume_dead_letters(WriteExport, ExportService.give_up)
