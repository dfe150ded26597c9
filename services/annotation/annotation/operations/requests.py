"""Requests for operations on many objects."""

from typing import Annotated

from faststream.nats import NatsRouter

from annotation.operations.service import OperationService
from common.contract.questions import EditSelection, OperationResult, RestoreMoment, UndoEdits
from common.messaging.dependencies import Dependency
from common.messaging.handlers import request_handler

router = NatsRouter()
Operations = Annotated[OperationService, Dependency("operations")]


@router.subscriber(**request_handler(EditSelection))
async def edit_selection(question: EditSelection, operations: Operations) -> OperationResult:
    """Make one change to many objects."""
    return await operations.edit_selection(question)


@router.subscriber(**request_handler(RestoreMoment))
async def restore_moment(question: RestoreMoment, operations: Operations) -> OperationResult:
    """Restore objects to their state at a time."""
    return await operations.restore(question)


@router.subscriber(**request_handler(UndoEdits))
async def undo_edits(question: UndoEdits, operations: Operations) -> OperationResult:
    """Undo the last operations of a user."""
    return await operations.undo(question)
