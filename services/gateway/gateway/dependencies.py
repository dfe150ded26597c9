"""The dependencies of the routes, wired together in `app.py`."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Annotated

from fastapi import Depends
from starlette.requests import HTTPConnection

from common.messaging.bus import Bus
from common.messaging.outbox import Outbox, Unpublished
from common.storage.cache import AsyncCache
from gateway.accounts.mailer import Mailer
from gateway.accounts.passwords import Passwords
from gateway.accounts.repository import AccountRepository
from gateway.domain.accounts import Caller
from gateway.domain.projects import ProjectRole
from gateway.frames.repository import ClipIndexRepository
from gateway.live.connections import ConnectionManager
from gateway.ownership import OwnerLookup
from gateway.projects.repository import ProjectRepository
from gateway.sessions.repository import SessionRepository, SignInAttempts
from gateway.settings import GatewaySettings
from gateway.snapshots.repository import SnapshotRepository
from gateway.subscribers.repository import Subscribers
from gateway.tokens.repository import TokenRepository

MAX_CACHED = 10_000
CACHED_FOR_S = 10.0


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Dependencies:
    """Clients, repositories and caches of one process."""

    settings: GatewaySettings
    bus: Bus
    connections: ConnectionManager
    owners: OwnerLookup
    accounts: AccountRepository
    clip_indexes: ClipIndexRepository
    mailer: Mailer
    passwords: Passwords
    projects: ProjectRepository
    project_events: Outbox[Unpublished]
    sessions: SessionRepository
    sign_in_attempts: SignInAttempts
    snapshots: SnapshotRepository
    subscribers: Subscribers
    tokens: TokenRepository
    # Scrubbing through a video makes dozens of requests a second; each would read the database three times. Changes
    # made by this process drop their entry at once; those made by another replica take effect after the time to live.
    callers: AsyncCache[str, Caller] = field(default_factory=lambda: AsyncCache(MAX_CACHED, ttl_s=CACHED_FOR_S))
    roles: AsyncCache[tuple[str, str], ProjectRole] = field(
        default_factory=lambda: AsyncCache(MAX_CACHED, ttl_s=CACHED_FOR_S)
    )
    clock: Callable[[], datetime] = _now


def dependencies_of(connection: HTTPConnection) -> Dependencies:
    """The dependencies of the application that received this request."""
    dependencies: Dependencies = connection.app.state.dependencies
    return dependencies


async def _inject(connection: HTTPConnection) -> Dependencies:
    # A dependency without `async` would be called in a thread, at each request.
    return dependencies_of(connection)


Injected = Annotated[Dependencies, Depends(_inject)]
