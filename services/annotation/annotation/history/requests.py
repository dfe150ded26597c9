"""What annotation answers about what was: history, earlier moments, taking back."""

from typing import Annotated

from faststream.nats import NatsRouter

from annotation.history.repository import HistoryStore
from annotation.history.service import Operations
from common.contract.questions import OperationResult, ReadChanges, ReadHistory, RestoreMoment, UndoEdits
from common.messaging.dependencies import Dependency
from common.messaging.handlers import RawJson, request_handler

router = NatsRouter()
Past = Annotated[HistoryStore, Dependency("history")]
Acts = Annotated[Operations, Dependency("operations")]


@router.subscriber(**request_handler(ReadHistory))
async def read_history(question: ReadHistory, history: Past) -> RawJson:
    """The changes of an object, newest first."""
    return RawJson(await history.of_object(question.object_id, question.page))


@router.subscriber(**request_handler(ReadChanges))
async def read_changes(question: ReadChanges, history: Past) -> RawJson:
    """The changes of a project, a medium, some frames or a person, newest first."""
    return RawJson(await history.changes(question))


@router.subscriber(**request_handler(RestoreMoment))
async def restore_moment(question: RestoreMoment, operations: Acts) -> OperationResult:
    """Bring objects back to what they were at a moment."""
    return await operations.restore(question)


@router.subscriber(**request_handler(UndoEdits))
async def undo_edits(question: UndoEdits, operations: Acts) -> OperationResult:
    """Take back the last acts of a person."""
    return await operations.undo(question)
