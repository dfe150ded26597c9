"""Requests for the history of objects."""

from typing import Annotated

from faststream.nats import NatsRouter

from annotation.history.repository import HistoryRepository
from common.contract.questions import ReadChanges, ReadHistory
from common.messaging.dependencies import Dependency
from common.messaging.handlers import RawJson, request_handler

router = NatsRouter()
History = Annotated[HistoryRepository, Dependency("history")]


@router.subscriber(**request_handler(ReadHistory))
async def read_history(question: ReadHistory, history: History) -> RawJson:
    """The changes of an object, newest first."""
    return RawJson(await history.of_object(question.object_id, question.page))


@router.subscriber(**request_handler(ReadChanges))
async def read_changes(question: ReadChanges, history: History) -> RawJson:
    """The changes of a project, a medium, a range of frames or a person, newest first."""
    return RawJson(await history.changes(question))
