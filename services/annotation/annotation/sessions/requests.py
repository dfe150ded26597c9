"""What annotation answers about who is at work."""

from typing import Annotated

from faststream.nats import NatsRouter

from annotation.sessions.repository import SessionStore
from common.contract.questions import (
    CloseSession,
    Empty,
    Heartbeat,
    ListSessions,
    ReadLabelingTime,
    TimeEntries,
    WorkSessions,
    WorkState,
)
from common.messaging.dependencies import Dependency
from common.messaging.handlers import request_handler

router = NatsRouter()
Sessions = Annotated[SessionStore, Dependency("sessions")]


@router.subscriber(**request_handler(Heartbeat))
async def beat(question: Heartbeat, sessions: Sessions) -> WorkState:
    """A window is open; who else is there."""
    return await sessions.beat(question)


@router.subscriber(**request_handler(CloseSession))
async def close_session(question: CloseSession, sessions: Sessions) -> Empty:
    """A window was closed."""
    await sessions.close(question)
    return Empty()


@router.subscriber(**request_handler(ListSessions))
async def list_sessions(question: ListSessions, sessions: Sessions) -> WorkSessions:
    """Who is at work in a project or on a medium."""
    return WorkSessions(items=await sessions.open(question))


@router.subscriber(**request_handler(ReadLabelingTime))
async def read_labeling_time(question: ReadLabelingTime, sessions: Sessions) -> TimeEntries:
    """A page of labeling time by person and day."""
    return await sessions.labeling_time(question)
