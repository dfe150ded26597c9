"""Questions about stored media."""

from common.contract.questions import DeleteMedium, GetMedium, ListMedia
from common.messaging.handlers import RequestRouter
from ingest.media.service import MediaService

router = RequestRouter[MediaService]("media_service")

router.answer(GetMedium, lambda media, question: media.get(question.media_id))
router.answer(ListMedia, MediaService.page)
router.answer(DeleteMedium, MediaService.delete)
