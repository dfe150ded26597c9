"""What the routes work with."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Annotated

from fastapi import Depends
from starlette.requests import HTTPConnection

from common.messaging.bus import Bus
from gateway.domain.people import Caller, Place
from gateway.hub import Hub
from gateway.ownership import Ownership
from gateway.remembered import Remembered
from gateway.settings import GatewaySettings
from gateway.store.accounts import Accounts
from gateway.store.passwords import Passwords
from gateway.store.post import Post
from gateway.store.projects import Projects
from gateway.store.segments import Segments
from gateway.store.sessions import Attempts, Sessions, Tokens
from gateway.store.snapshots import Snapshots
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
