"""What the routes work with."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Annotated

from fastapi import Depends
from starlette.requests import HTTPConnection

from common.messaging.bus import Bus
from gateway.accounts.mailer import Mailer
from gateway.accounts.passwords import Passwords
from gateway.accounts.repository import AccountRepository
from gateway.cache import Remembered
from gateway.domain.people import Caller, ProjectRole
from gateway.frames.repository import ClipIndexRepository
from gateway.http.ownership import OwnerLookup
from gateway.live.connections import ConnectionManager
from gateway.projects.repository import ProjectRepository
from gateway.sessions.repository import SessionRepository, SignInAttempts, TokenRepository
from gateway.settings import GatewaySettings
from gateway.snapshots.repository import SnapshotRepository
from gateway.subscribers.repository import Subscribers


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Dependencies:
    """Everything that `create` wires together and routes ask for."""

    settings: GatewaySettings
    bus: Bus
    hub: ConnectionManager
    ownership: OwnerLookup
    accounts: AccountRepository
    attempts: SignInAttempts
    passwords: Passwords
    post: Mailer
    projects: ProjectRepository
    segments: ClipIndexRepository
    sessions: SessionRepository
    snapshots: SnapshotRepository
    subscribers: Subscribers
    tokens: TokenRepository
    callers: Remembered[str, Caller] = field(default_factory=Remembered)
    places: Remembered[tuple[str, str], ProjectRole] = field(default_factory=Remembered)
    clock: Callable[[], datetime] = _now


def dependencies_of(connection: HTTPConnection) -> Dependencies:
    """The parts of the application that got this request."""
    dependencies: Dependencies = connection.app.state.dependencies
    return dependencies


async def _dependencies(connection: HTTPConnection) -> Dependencies:
    # A dependency without `async` would be called in a thread, at each request.
    return dependencies_of(connection)


Injected = Annotated[Dependencies, Depends(_dependencies)]
