"""Questions about runs."""

from common.contract.questions import CancelRun, GetRun, ListRuns, StartRun
from common.messaging.handlers import RequestRouter
from inference.runs.service import RunService

router = RequestRouter[RunService]("run_service")

router.answer(StartRun, RunService.start)
router.answer(GetRun, lambda runs, question: runs.get(question.run_id))
router.answer(ListRuns, lambda runs, question: runs.page(question.project_id, question.page))
router.answer(CancelRun, lambda runs, question: runs.cancel(question.run_id))
