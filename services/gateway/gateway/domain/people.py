"""People and what they belong to."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from common.contract.edits import Rules
from gateway.domain.project_settings import ProjectSettings
from gateway.domain.roles import Role

TaskKind = Literal["detection", "classification", "segmentation", "video"]


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
    """Who makes a request, and how: by a session (browser) or a token (program), valid until `expires_at`."""

    user: User
    by: Literal["session", "token"]
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class Membership:
    """A user's place in a project."""

    user_id: str
    role: Role
    revision: int
    joined_at: datetime


@dataclass(frozen=True, slots=True)
class Project:
    """What a team works on together. `place` orders projects by age; `revision` grows with every change of members,
    `settings_revision` with every change of settings."""

    id: str
    name: str
    task_kind: TaskKind
    members: tuple[Membership, ...]
    created_at: datetime
    place: str
    revision: int
    settings: ProjectSettings
    settings_revision: int

    def member(self, user_id: str) -> Membership | None:
        """The user's membership, None if the user has none."""
        return next((member for member in self.members if member.user_id == user_id), None)


@dataclass(frozen=True, slots=True)
class ProjectRole:
    """What every request inside a project has to know: the user's role in it, and what edits there are held to."""

    role: Role
    rules: Rules


@dataclass(frozen=True, slots=True)
class Member:
    """A caller inside a project: what every project route starts from."""

    caller: Caller
    project_id: str
    role: Role
    rules: Rules

    @property
    def user(self) -> User:
        """The person."""
        return self.caller.user


@dataclass(frozen=True, slots=True)
class Token:
    """A bearer token, without its secret."""

    id: str
    name: str
    created_at: datetime
    expires_at: datetime | None
