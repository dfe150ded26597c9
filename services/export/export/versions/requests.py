"""Questions about dataset versions."""

from common.contract import questions
from common.messaging.handlers import RequestRouter
from export.versions.service import VersionService

router = RequestRouter[VersionService]("version_service")

router.answer(questions.PublishVersion, VersionService.publish)
router.answer(questions.ListVersions, VersionService.page)
router.answer(questions.GetVersion, lambda versions, question: versions.get(question.version_id))
router.answer(questions.SetCurrentVersion, lambda versions, question: versions.make_current(question.version_id))
router.answer(questions.DeleteVersion, lambda versions, question: versions.delete(question.version_id))
router.answer(questions.CompareVersions, lambda versions, asked: versions.compare(asked.version_id, asked.since))
