"""What the routes work with."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Annotated

from fastapi import Depends
from starlette.requests import HTTPConnection

from common.bus import Bus
from gateway.domain.people import Caller
from gateway.domain.roles import Role
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
from gateway.store.subscribers import Subscribers


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
    subscribers: Subscribers
    tokens: Tokens
    callers: Remembered[str, Caller] = field(default_factory=Remembered)
    roles: Remembered[tuple[str, str], Role] = field(default_factory=Remembered)
    clock: Callable[[], datetime] = _now


def parts_of(connection: HTTPConnection) -> Parts:
    """The parts of the application that got this request."""
    parts: Parts = connection.app.state.parts
    return parts


With = Annotated[Parts, Depends(parts_of)]
