"""Requests for work sessions and labeling time."""

from typing import Annotated

from faststream.nats import NatsRouter

from annotation.sessions.labeling_time import LabelingTimeRepository
from annotation.sessions.service import SessionService
from common.contract import questions
from common.messaging.dependencies import Dependency
from common.messaging.handlers import request_handler

router = NatsRouter()
Sessions = Annotated[SessionService, Dependency("sessions")]
LabelingTime = Annotated[LabelingTimeRepository, Dependency("labeling_time")]


@router.subscriber(**request_handler(questions.Heartbeat))
async def record_heartbeat(question: questions.Heartbeat, sessions: Sessions) -> questions.WorkState:
    """Keep a session open; returns the other users on the medium."""
    return await sessions.heartbeat(question)


@router.subscriber(**request_handler(questions.CloseSession))
async def close_session(question: questions.CloseSession, sessions: Sessions) -> questions.Empty:
    """Close a session."""
    await sessions.close(question)
    return questions.Empty()


@router.subscriber(**request_handler(questions.ListSessions))
async def list_sessions(question: questions.ListSessions, sessions: Sessions) -> questions.WorkSessions:
    """The open sessions of a project or a medium."""
    return questions.WorkSessions(items=await sessions.open(question))


@router.subscriber(**request_handler(questions.ReadLabelingTime))
async def read_labeling_time(
    question: questions.ReadLabelingTime, labeling_time: LabelingTime
) -> questions.TimeEntries:
    """A page of labeling time by user and day."""
    return await labeling_time.page(question)
