"""Use cases of work sessions."""

import time
from collections.abc import Callable

from annotation.domain.sessions import PAUSE_S, work_state
from annotation.sessions.labeling_time import LabelingTimeRepository
from annotation.sessions.repository import SessionRepository
from common.contract.questions import CloseSession, Heartbeat, ListSessions, WorkSession, WorkState


class SessionService:
    """Keeps sessions open and adds up labeling time."""

    def __init__(
        self,
        sessions: SessionRepository,
        labeling_time: LabelingTimeRepository,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._sessions = sessions
        self._labeling_time = labeling_time
        self._clock = clock

    async def heartbeat(self, beat: Heartbeat) -> WorkState:
        """Record a heartbeat of an open window, and return the other users on the medium.

        Raises:
            Problem: The session belongs to another user.
        """
        now = self._clock()
        own = await self._sessions.record(beat, now)
        if beat.idle_s <= PAUSE_S and not own.closed:
            await self._labeling_time.add(beat, now)
        on_medium = (
            await self._sessions.alive_on(beat.project_id, beat.media_id, now) if beat.media_id is not None else []
        )
        return work_state(own, on_medium, now)

    async def close(self, question: CloseSession) -> None:
        """Close a session and release its medium. Closing a missing session succeeds."""
        await self._sessions.close(question.session_id, question.user_id, self._clock())

    async def open(self, question: ListSessions) -> list[WorkSession]:
        """The open sessions of a project or on one of its media, the most recently active first."""
        now = self._clock()
        return [session.as_work_session(now) for session in await self._sessions.open(question, now)]
