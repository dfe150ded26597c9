"""Questions about imports."""

from common.contract import questions
from common.messaging.handlers import RequestRouter
from export.importing.service import ImportService

router = RequestRouter[ImportService]("import_service")

router.answer(questions.StartImport, ImportService.start)
router.answer(questions.GetImport, lambda imports, question: imports.get(question.import_id))
router.answer(questions.ListImports, lambda imports, question: imports.page(question.project_id, question.page))
router.answer(questions.CommitImport, lambda imports, question: imports.commit(question.import_id))
router.answer(questions.CancelImport, lambda imports, question: imports.cancel(question.import_id))
