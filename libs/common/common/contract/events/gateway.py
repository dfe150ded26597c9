"""What gateway tells: projects and their members."""

from typing import Literal

from common.contract.events.event import Event
from common.contract.labels import Id


class ProjectCreated(Event):
    """A project exists."""

    type = "project.created"
    stream = "PROJECTS"
    by = "gateway"

    name: str
    task_kind: Literal["detection", "classification", "segmentation", "video"]
    owner: Id

    def key(self) -> tuple[str | int, ...]:
        return ()


class MemberAdded(Event):
    """A user joined a project, or has a new role in it."""

    type = "member.added"
    stream = "PROJECTS"
    by = "gateway"

    user_id: Id
    role: Literal["owner", "admin", "labeler", "developer"]
    revision: int

    def key(self) -> tuple[str | int, ...]:
        return (self.user_id, self.revision)
