"""Work sessions, which expire one hour after the last activity, and labeling time."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal, NamedTuple

from common.contract.questions import WorkSession, WorkState

EXPIRES_AFTER_S = 3600.0
# Windows send a heartbeat every 10 seconds; a window without one for this long is closed.
SILENT_AFTER_S = 30.0
# Shorter pauses count as labeling time.
PAUSE_S = 60.0
_DAY_S = 86_400.0


@dataclass(frozen=True, slots=True)
class Session:
    """An open window on a medium: the times when it was opened, of its last activity and last heartbeat, and when it
    started or stopped to hold the medium."""

    id: str
    project_id: str
    user_id: str
    media_id: str | None
    clip: int | None
    exclusive: bool
    opened_at: float
    active_at: float
    beat_at: float
    since: float
    closed: bool = False

    def state(self, now: float) -> Literal["open", "expired", "closed"]:
        """The state of the session."""
        if self.closed:
            return "closed"
        return "open" if now < self.active_at + EXPIRES_AFTER_S else "expired"

    def is_alive(self, now: float) -> bool:
        """Whether its window sent a heartbeat recently."""
        return now - self.beat_at <= SILENT_AFTER_S

    def as_work_session(self, now: float) -> WorkSession:
        """The session in the form of the contract."""
        return WorkSession(
            id=self.id,
            project_id=self.project_id,
            user_id=self.user_id,
            media_id=self.media_id,
            clip=self.clip,
            exclusive=self.exclusive,
            opened_at=self.opened_at,
            active_at=self.active_at,
            expires_at=self.active_at + EXPIRES_AFTER_S,
            state=self.state(now),
        )


def work_state(own: Session, on_medium: Iterable[Session], now: float) -> WorkState:
    """A session, the other open sessions on its medium, and the user who holds the medium."""
    present = [session for session in on_medium if session.state(now) == "open" and session.is_alive(now)]
    others = sorted(
        (session for session in present if session.id != own.id), key=lambda session: (session.opened_at, session.id)
    )
    return WorkState(
        session=own.as_work_session(now),
        others=[session.as_work_session(now) for session in others],
        held_by=held_by(present, now),
    )


def held_by(on_medium: Iterable[Session], now: float) -> str | None:
    """The user who holds a medium: the first of the open, alive sessions that claim it exclusively."""
    holding = (
        session for session in on_medium if session.exclusive and session.state(now) == "open" and session.is_alive(now)
    )
    first = min(holding, key=lambda session: (session.since, session.id), default=None)
    return first.user_id if first else None


class DayPart(NamedTuple):
    """The part of a day in which labeling time ends at `end`; time before `begin` belongs to the previous day."""

    day: str
    begin: float
    end: float


def day_of(at: float) -> str:
    """The day of a time, in UTC."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d")


def midnight_before(at: float) -> float:
    """The beginning of the day of a time, in UTC."""
    return at - at % _DAY_S


def day_parts(now: float) -> list[DayPart]:
    """The days that the time just before `now` counts for: today and, shortly after midnight, yesterday first."""
    midnight = midnight_before(now)
    today = DayPart(day_of(now), midnight, now)
    if now - midnight >= PAUSE_S:
        return [today]
    return [DayPart(day_of(midnight - 1), midnight - _DAY_S, midnight), today]
