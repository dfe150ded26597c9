"""Projects and their members."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from common.contract.edits import Rules
from gateway.domain.accounts import Caller, User
from gateway.domain.project_settings import ProjectSettings
from gateway.domain.roles import Role

TaskKind = Literal["detection", "classification", "segmentation", "video"]


@dataclass(frozen=True, slots=True)
class Membership:
    """A user's membership of a project."""

    user_id: str
    role: Role
    revision: int
    joined_at: datetime


@dataclass(frozen=True, slots=True)
class Project:
    """A team's project. `revision` grows with every change of members, `settings_revision` with every change of
    settings."""

    id: str
    name: str
    task_kind: TaskKind
    members: tuple[Membership, ...]
    created_at: datetime
    revision: int
    settings: ProjectSettings
    settings_revision: int

    def member(self, user_id: str) -> Membership | None:
        """The user's membership, None without one."""
        return next((member for member in self.members if member.user_id == user_id), None)


@dataclass(frozen=True, slots=True)
class ProjectRole:
    """A user's role in a project, and the project's rules for edits."""

    role: Role
    rules: Rules


@dataclass(frozen=True, slots=True)
class Member:
    """A caller with a role in a project."""

    caller: Caller
    project_id: str
    role: Role
    rules: Rules

    @property
    def user(self) -> User:
        """The user."""
        return self.caller.user
