"""Questions about uploads."""

from common.contract.questions import AbortUpload, FinishUpload, GetUpload, PresignPart, StartUpload
from common.messaging.handlers import RequestRouter
from ingest.uploads.service import UploadService

router = RequestRouter[UploadService]("upload_service")

router.answer(StartUpload, UploadService.start)
router.answer(GetUpload, lambda uploads, question: uploads.get(question.upload_id))
router.answer(PresignPart, UploadService.presign_part)
router.answer(FinishUpload, lambda uploads, question: uploads.finish(question.upload_id))
router.answer(AbortUpload, lambda uploads, question: uploads.abort(question.upload_id))
