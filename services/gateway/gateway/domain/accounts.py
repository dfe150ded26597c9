"""Users and their credentials."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal


@dataclass(frozen=True, slots=True)
class User:
    """A person with an account."""

    id: str
    name: str
    email: str
    superuser: bool
    verified: bool
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Caller:
    """The user behind a request, by session (browser) or token (program), valid until `expires_at`."""

    user: User
    by: Literal["session", "token"]
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class Token:
    """A bearer token, without its secret."""

    id: str
    name: str
    created_at: datetime
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class Session:
    """A signed-in browser."""

    user_id: str
    expires_at: datetime
