"""Requests for work sessions and labeling time."""

from typing import Annotated

from faststream.nats import NatsRouter

from annotation.sessions.labeling_time import LabelingTimeRepository
from annotation.sessions.service import SessionService
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
Sessions = Annotated[SessionService, Dependency("sessions")]
LabelingTime = Annotated[LabelingTimeRepository, Dependency("labeling_time")]


@router.subscriber(**request_handler(Heartbeat))
async def record_heartbeat(question: Heartbeat, sessions: Sessions) -> WorkState:
    """Keep a session open; who else works on the medium."""
    return await sessions.heartbeat(question)


@router.subscriber(**request_handler(CloseSession))
async def close_session(question: CloseSession, sessions: Sessions) -> Empty:
    """Close a session."""
    await sessions.close(question)
    return Empty()


@router.subscriber(**request_handler(ListSessions))
async def list_sessions(question: ListSessions, sessions: Sessions) -> WorkSessions:
    """The open sessions of a project or a medium."""
    return WorkSessions(items=await sessions.open(question))


@router.subscriber(**request_handler(ReadLabelingTime))
async def read_labeling_time(question: ReadLabelingTime, labeling_time: LabelingTime) -> TimeEntries:
    """A page of labeling time by person and day."""
    return await labeling_time.page(question)
