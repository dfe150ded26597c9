"""Questions about runs."""

from typing import Annotated

from faststream.nats import NatsRouter

from common.contract.questions import CancelRun, GetRun, ListRuns, Run, RunList, StartRun
from common.messaging.dependencies import Dependency
from common.messaging.handlers import request_handler
from inference.runs.repository import RunRepository
from inference.runs.service import RunService

router = NatsRouter()
Runs = Annotated[RunRepository, Dependency("runs")]
Service = Annotated[RunService, Dependency("run_service")]


@router.subscriber(**request_handler(StartRun))
async def start_run(question: StartRun, service: Service) -> Run:
    """Start a run."""
    return await service.start(question)


@router.subscriber(**request_handler(GetRun))
async def get_run(question: GetRun, service: Service) -> Run:
    """A run."""
    return await service.get(question.run_id)


@router.subscriber(**request_handler(ListRuns))
async def list_runs(question: ListRuns, runs: Runs) -> RunList:
    """The runs of a project, newest first."""
    return await runs.page(question.project_id, question.page)


@router.subscriber(**request_handler(CancelRun))
async def cancel_run(question: CancelRun, service: Service) -> Run:
    """Cancel a run."""
    return await service.cancel(question.run_id)
