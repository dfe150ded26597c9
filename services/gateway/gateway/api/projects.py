"""Projects: what a team works on together."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, StringConstraints

from common.errors import not_found
from gateway.api.access import IdempotencyKey, SignedIn, in_project, named
from gateway.api.answers import Cursor, Limit, Listed
from gateway.domain.people import Member, Project, TaskKind
from gateway.domain.roles import Role
from gateway.parts import With
from gateway.telling import tell_of

router = APIRouter(tags=["projects"])
Title = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]


class NewProject(BaseModel):
    """A project to be."""

    name: Title
    task_kind: TaskKind


class ProjectJson(BaseModel):
    """A project and my role in it."""

    id: str
    name: str
    task_kind: TaskKind
    role: Role
    members: int
    created_at: datetime


@router.post("/projects", status_code=201)
async def create_project(new: NewProject, caller: SignedIn, parts: With, key: IdempotencyKey = None) -> ProjectJson:
    """Create a project; whoever does is its owner."""
    project_id = named(caller, "projects", key)
    project = await parts.projects.create(project_id, new.name, new.task_kind, caller.user.id, parts.clock())
    await tell_of(project.id, parts.projects, parts.bus)
    return _json(project, caller.user.id)


@router.get("/projects")
async def list_projects(
    caller: SignedIn, parts: With, limit: Limit = 100, cursor: Cursor = None
) -> Listed[ProjectJson]:
    """The projects I belong to, newest first."""
    found = await parts.projects.page(caller.user.id, limit, cursor)
    more = found[-1].place if len(found) == limit else None
    return Listed(items=[_json(project, caller.user.id) for project in found], next_cursor=more)


@router.get("/projects/{project}")
async def read_project(member: Annotated[Member, in_project("read")], parts: With) -> ProjectJson:
    """One project."""
    project = await parts.projects.find(member.project_id)
    if project is None:
        raise not_found("project")
    return _json(project, member.user.id)


def _json(project: Project, user_id: str) -> ProjectJson:
    membership = project.member(user_id)
    if membership is None:
        raise not_found("project")
    return ProjectJson(
        id=project.id,
        name=project.name,
        task_kind=project.task_kind,
        role=membership.role,
        members=len(project.members),
        created_at=project.created_at,
    )
