"""Projects."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, Field, StringConstraints

from common.contract.errors import Problem
from gateway.dependencies import Injected
from gateway.domain.project_settings import ProjectSettings
from gateway.domain.projects import Member, Project, TaskKind
from gateway.domain.roles import Role
from gateway.http.access import ProjectReader, project_access
from gateway.http.authentication import SignedIn
from gateway.http.parameters import IdempotencyKey, PageQuery, resource_id
from gateway.http.responses import Page
from gateway.http.validation import RequestModel
from gateway.projects import service

router = APIRouter(tags=["projects"])
Title = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]


class NewProject(RequestModel):
    """A project to create."""

    name: Title
    task_kind: TaskKind


class ProjectJson(BaseModel):
    """A project with your role in it and its settings."""

    id: str
    name: str
    task_kind: TaskKind
    role: Role
    members: int
    created_at: datetime
    settings: "SettingsJson"


class SettingsJson(ProjectSettings):
    """The settings of a project; `revision` grows with every change."""

    revision: int


class SettingsChange(ProjectSettings, RequestModel):
    """The settings to change; omitted ones stay. With `revision`, the request fails if the settings have changed."""

    revision: int | None = Field(default=None, ge=0)


@router.post("/projects", status_code=201)
async def create_project(
    new: NewProject, caller: SignedIn, dependencies: Injected, key: IdempotencyKey = None
) -> ProjectJson:
    """Create a project. You become its owner."""
    project_id = resource_id(caller, "projects", key)
    project = await service.create_project(project_id, new.name, new.task_kind, caller.user.id, dependencies)
    return _json(project, caller.user.id)


@router.get("/projects")
async def list_projects(caller: SignedIn, dependencies: Injected, page: PageQuery) -> Page[ProjectJson]:
    """List your projects, newest first."""
    projects = await dependencies.projects.page(caller.user.id, page)
    return Page(items=[_json(project, caller.user.id) for project in projects.items], next_cursor=projects.next_cursor)


@router.get("/projects/{project}")
async def read_project(member: ProjectReader, dependencies: Injected) -> ProjectJson:
    """Get a project."""
    return _json(await service.find_project(member.project_id, dependencies), member.user.id)


@router.patch("/projects/{project}/settings")
async def change_settings(
    change: SettingsChange, member: Annotated[Member, project_access("configure")], dependencies: Injected
) -> SettingsJson:
    """Change the settings of a project. Idempotent."""
    changes = change.model_dump(exclude_unset=True, exclude={"revision"})
    return _settings_json(await service.change_settings(member.project_id, changes, change.revision, dependencies))


def _settings_json(project: Project) -> SettingsJson:
    return SettingsJson(**project.settings.model_dump(), revision=project.settings_revision)


def _json(project: Project, user_id: str) -> ProjectJson:
    membership = project.member(user_id)
    if membership is None:
        raise Problem("project_not_found")
    return ProjectJson(
        id=project.id,
        name=project.name,
        task_kind=project.task_kind,
        role=membership.role,
        members=len(project.members),
        created_at=project.created_at,
        settings=_settings_json(project),
    )
