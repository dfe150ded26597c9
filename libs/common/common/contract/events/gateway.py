"""Events of the gateway: projects and their members."""

from typing import Literal

from common.contract.events.event import ProjectEvent
from common.contract.labels import Id


class ProjectCreated(ProjectEvent, type="project.created", stream="PROJECTS", by="gateway"):
    """A project was created."""

    name: str
    task_kind: Literal["detection", "classification", "segmentation", "video"]
    owner: Id


class MemberAdded(ProjectEvent, type="member.added", stream="PROJECTS", by="gateway", key=("user_id", "revision")):
    """A user joined a project or got a new role in it."""

    user_id: Id
    role: Literal["owner", "admin", "labeler", "developer"]
    revision: int
