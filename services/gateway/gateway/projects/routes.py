"""Projects: what a team works on together."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from common.service.errors import Problem, not_found
from gateway.dependencies import Dependencies, Injected
from gateway.domain.people import Member, Project, TaskKind
from gateway.domain.project_settings import ProjectSettings
from gateway.domain.roles import Role
from gateway.http.access import IdempotencyKey, SignedIn, project_access, resource_id
from gateway.http.responses import Cursor, Limit, Page
from gateway.projects.outbox import publish_pending_of

router = APIRouter(tags=["projects"])
Title = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]


class NewProject(BaseModel):
    """A project to be."""

    name: Title
    task_kind: TaskKind


class ProjectJson(BaseModel):
    """A project, my role in it, and how its team wants to work."""

    id: str
    name: str
    task_kind: TaskKind
    role: Role
    members: int
    created_at: datetime
    settings: "SettingsJson"


class SettingsJson(ProjectSettings):
    """A project's settings; `revision` grows with every change."""

    revision: int


class SettingsChange(ProjectSettings):
    """The settings to change; those that are not sent stay. With `revision`, only if they are still at it."""

    model_config = ConfigDict(extra="forbid")

    revision: int | None = Field(default=None, ge=0)


@router.post("/projects", status_code=201)
async def create_project(
    new: NewProject, caller: SignedIn, dependencies: Injected, key: IdempotencyKey = None
) -> ProjectJson:
    """Create a project; whoever does is its owner."""
    project_id = resource_id(caller, "projects", key)
    project = await dependencies.projects.create(
        project_id, new.name, new.task_kind, caller.user.id, dependencies.clock()
    )
    await publish_pending_of(project.id, dependencies.projects, dependencies.bus)
    return _json(project, caller.user.id)


@router.get("/projects")
async def list_projects(
    caller: SignedIn, dependencies: Injected, limit: Limit = 100, cursor: Cursor = None
) -> Page[ProjectJson]:
    """The projects I belong to, newest first."""
    found = await dependencies.projects.page(caller.user.id, limit, cursor)
    more = found[-1].place if len(found) == limit else None
    return Page(items=[_json(project, caller.user.id) for project in found], next_cursor=more)


@router.get("/projects/{project}")
async def read_project(member: Annotated[Member, project_access("read")], dependencies: Injected) -> ProjectJson:
    """One project."""
    return _json(await _find(member, dependencies), member.user.id)


@router.patch("/projects/{project}/settings")
async def change_settings(
    change: SettingsChange, member: Annotated[Member, project_access("configure")], dependencies: Injected
) -> SettingsJson:
    """Change how the project's team works; the same request again changes nothing."""
    wanted = change.model_dump(exclude_unset=True, exclude={"revision"})
    for _ in range(3):
        before = await _find(member, dependencies)
        settings = before.settings.model_copy(update=wanted)
        if settings == before.settings:
            return _settings_json(before)
        if change.revision not in (None, before.settings_revision):
            raise Problem(409, "Changed meanwhile", f"The settings are at revision {before.settings_revision} by now.")
        if after := await dependencies.projects.put_settings(before, settings):
            dependencies.places.forget_all()
            return _settings_json(after)
    raise Problem(409, "Changed meanwhile", "Someone else is changing the settings right now. Please try again.")


async def _find(member: Member, dependencies: Dependencies) -> Project:
    project = await dependencies.projects.find(member.project_id)
    if project is None:
        raise not_found("project")
    return project


def _settings_json(project: Project) -> SettingsJson:
    return SettingsJson(**project.settings.model_dump(), revision=project.settings_revision)


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
        settings=_settings_json(project),
    )
