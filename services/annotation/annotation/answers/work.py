"""What annotation answers about who is at work."""

from typing import Annotated

from faststream.nats import NatsRouter

from annotation.store.sessions import SessionStore
from common.answering import answer
from common.given import Given
from common.questions import (
    Beat,
    CloseSession,
    Done,
    ListSessions,
    ReadLabelingTime,
    TimeEntries,
    WorkSessions,
    WorkState,
)

router = NatsRouter()
Sessions = Annotated[SessionStore, Given("sessions")]


@router.subscriber(**answer(Beat))
async def beat(question: Beat, sessions: Sessions) -> WorkState:
    """A window is open; who else is there."""
    return await sessions.beat(question)


@router.subscriber(**answer(CloseSession))
async def close_session(question: CloseSession, sessions: Sessions) -> Done:
    """A window was closed."""
    await sessions.close(question)
    return Done()


@router.subscriber(**answer(ListSessions))
async def list_sessions(question: ListSessions, sessions: Sessions) -> WorkSessions:
    """Who is at work in a project or on a medium."""
    return WorkSessions(items=await sessions.open(question))


@router.subscriber(**answer(ReadLabelingTime))
async def read_labeling_time(question: ReadLabelingTime, sessions: Sessions) -> TimeEntries:
    """A page of labeling time by person and day."""
    return await sessions.labeling_time(question)
