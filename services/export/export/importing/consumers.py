"""Jobs that import archives."""

from common.contract.events import ReadArchive
from common.messaging.delivery import EventRouter
from export.importing.service import ImportService

router = EventRouter[ImportService]("import_service", by="export")

router.consume(ReadArchive, ImportService.read)
router.consume_dead_letters(ReadArchive, ImportService.give_up)
