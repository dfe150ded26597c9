"""Who is at work: sessions that live an hour after the last activity, and the time that counts as labeling."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal, NamedTuple

from common.contract.questions import WorkSession, WorkState

LIVES_S = 3600.0
# A window says every ten seconds that it is open; one that was silent for so long is gone.
SILENT_S = 30.0
# Labeling time goes on over pauses up to so long, of the person and of the windows.
PAUSE_S = 60.0
_DAY_S = 86_400.0


@dataclass(frozen=True, slots=True)
class Session:
    """A window on a medium: when it was opened, when its person last did something, when it was last heard of, and
    since when it holds the medium, or does not, as it does now."""

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
        """Whether it is open."""
        if self.closed:
            return "closed"
        return "open" if now < self.active_at + LIVES_S else "expired"

    def is_heard(self, now: float) -> bool:
        """Whether its window was heard of just now."""
        return now - self.beat_at <= SILENT_S

    def seen(self, now: float) -> WorkSession:
        """The session for those who ask."""
        return WorkSession(
            id=self.id,
            project_id=self.project_id,
            user_id=self.user_id,
            media_id=self.media_id,
            clip=self.clip,
            exclusive=self.exclusive,
            opened_at=self.opened_at,
            active_at=self.active_at,
            expires_at=self.active_at + LIVES_S,
            state=self.state(now),
        )


def work_state(own: Session, on_medium: Iterable[Session], now: float) -> WorkState:
    """A session beside the others that are open on its medium."""
    present = [one for one in on_medium if one.state(now) == "open" and one.is_heard(now)]
    others = sorted((one for one in present if one.id != own.id), key=lambda one: (one.opened_at, one.id))
    return WorkState(session=own.seen(now), others=[one.seen(now) for one in others], held_by=held_by(present, now))


def held_by(on_medium: Iterable[Session], now: float) -> str | None:
    """Who holds a medium: of the open windows that want it for themselves and were heard of just now, the first."""
    holding = (one for one in on_medium if one.exclusive and one.state(now) == "open" and one.is_heard(now))
    first = min(holding, key=lambda one: (one.since, one.id), default=None)
    return first.user_id if first else None


class Stretch(NamedTuple):
    """Labeling time that ends at `end` on a day: what began before `begin` belongs to the day before."""

    day: str
    begin: float
    end: float


def day_of(at: float) -> str:
    """The day of a moment, in UTC."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d")


def midnight_before(at: float) -> float:
    """When the day of a moment began, in UTC."""
    return at - at % _DAY_S


def stretches(now: float) -> list[Stretch]:
    """The days that the time just before `now` counts for: today, and shortly after midnight first yesterday."""
    midnight = midnight_before(now)
    today = Stretch(day_of(now), midnight, now)
    if now - midnight >= PAUSE_S:
        return [today]
    return [Stretch(day_of(midnight - 1), midnight - _DAY_S, midnight), today]
