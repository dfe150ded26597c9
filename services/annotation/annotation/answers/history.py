"""What annotation answers about what was: history, earlier moments, taking back."""

from typing import Annotated

from faststream.nats import NatsRouter

from annotation.store.history import HistoryStore
from annotation.store.operations import Operations
from common.answering import Json, answer
from common.given import Given
from common.questions import OperationResult, ReadChanges, ReadHistory, RestoreMoment, UndoEdits

router = NatsRouter()
Past = Annotated[HistoryStore, Given("history")]
Acts = Annotated[Operations, Given("operations")]


@router.subscriber(**answer(ReadHistory))
async def read_history(question: ReadHistory, history: Past) -> Json:
    """The changes of an object, newest first."""
    return Json(await history.of_object(question.object_id, question.page))


@router.subscriber(**answer(ReadChanges))
async def read_changes(question: ReadChanges, history: Past) -> Json:
    """The changes of a project, a medium, some frames or a person, newest first."""
    return Json(await history.changes(question))


@router.subscriber(**answer(RestoreMoment))
async def restore_moment(question: RestoreMoment, operations: Acts) -> OperationResult:
    """Bring objects back to what they were at a moment."""
    return await operations.restore(question)


@router.subscriber(**answer(UndoEdits))
async def undo_edits(question: UndoEdits, operations: Acts) -> OperationResult:
    """Take back the last acts of a person."""
    return await operations.undo(question)
