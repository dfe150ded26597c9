"""What the routes work with."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Annotated

from fastapi import Depends
from starlette.requests import HTTPConnection

from common.messaging.bus import Bus
from gateway.accounts.mailer import Post
from gateway.accounts.passwords import Passwords
from gateway.accounts.repository import Accounts
from gateway.cache import Remembered
from gateway.domain.people import Caller, Place
from gateway.frames.repository import Segments
from gateway.http.ownership import Ownership
from gateway.live.connections import Hub
from gateway.projects.repository import Projects
from gateway.sessions.repository import Attempts, Sessions, Tokens
from gateway.settings import GatewaySettings
from gateway.snapshots.repository import Snapshots
from gateway.subscribers.repository import Subscribers


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Parts:
    """Everything that `create` wires together and routes ask for."""

    settings: GatewaySettings
    bus: Bus
    hub: Hub
    ownership: Ownership
    accounts: Accounts
    attempts: Attempts
    passwords: Passwords
    post: Post
    projects: Projects
    segments: Segments
    sessions: Sessions
    snapshots: Snapshots
    subscribers: Subscribers
    tokens: Tokens
    callers: Remembered[str, Caller] = field(default_factory=Remembered)
    places: Remembered[tuple[str, str], Place] = field(default_factory=Remembered)
    clock: Callable[[], datetime] = _now


def parts_of(connection: HTTPConnection) -> Parts:
    """The parts of the application that got this request."""
    parts: Parts = connection.app.state.parts
    return parts


async def _parts(connection: HTTPConnection) -> Parts:
    # A dependency without `async` would be called in a thread, at each request.
    return parts_of(connection)


With = Annotated[Parts, Depends(_parts)]
