"""Use cases of work sessions."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from annotation.domain.sessions import PAUSE_S, work_state
from annotation.sessions.labeling_time import LabelingTimeRepository
from annotation.sessions.repository import SessionRepository
from common.contract.questions import CloseSession, Heartbeat, ListSessions, WorkSession, WorkState


@dataclass(frozen=True, slots=True)
class SessionService:
    """Keeps sessions open and adds up labeling time."""

    sessions: SessionRepository
    labeling_time: LabelingTimeRepository
    clock: Callable[[], float] = time.time

    async def heartbeat(self, beat: Heartbeat) -> WorkState:
        """Record a heartbeat of an open window, and return the other users on the medium.

        Raises:
            Problem: The session belongs to another user.
        """
        now = self.clock()
        own = await self.sessions.record(beat, now)
        if beat.idle_s <= PAUSE_S and not own.closed:
            await self.labeling_time.add(beat, now)
        on_medium = (
            await self.sessions.alive_on(beat.project_id, beat.media_id, now) if beat.media_id is not None else []
        )
        return work_state(own, on_medium, now)

    async def close(self, question: CloseSession) -> None:
        """Close a session and release its medium. Closing a missing session succeeds."""
        await self.sessions.close(question.session_id, question.user_id, self.clock())

    async def open(self, question: ListSessions) -> list[WorkSession]:
        """The open sessions of a project or on one of its media, the most recently active first."""
        now = self.clock()
        return [session.as_work_session(now) for session in await self.sessions.open(question, now)]
