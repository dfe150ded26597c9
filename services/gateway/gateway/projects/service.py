"""Creating projects and changing their settings."""

from typing import Any

from common.contract.errors import Problem
from gateway.dependencies import Dependencies
from gateway.domain.projects import Project, TaskKind

ATTEMPTS = 3


async def create_project(
    project_id: str, name: str, task_kind: TaskKind, owner: str, dependencies: Dependencies
) -> Project:
    """A new project with its owner; the same id again is the same project."""
    project = await dependencies.projects.create(project_id, name, task_kind, owner, dependencies.clock())
    await publish_events(project_id, dependencies)
    return project


async def find_project(project_id: str, dependencies: Dependencies) -> Project:
    """The project with its members and settings. Raises Problem."""
    project = await dependencies.projects.find(project_id)
    if project is None:
        raise Problem("project_not_found")
    return project


async def change_settings(
    project_id: str, changes: dict[str, Any], revision: int | None, dependencies: Dependencies
) -> Project:
    """The project with changed settings; with `revision`, only if the settings still have it. Raises Problem."""
    for _ in range(ATTEMPTS):
        before = await find_project(project_id, dependencies)
        settings = before.settings.model_copy(update=changes)
        if settings == before.settings:
            return before
        if revision not in (None, before.settings_revision):
            raise Problem("settings_changed", revision=before.settings_revision)
        if after := await dependencies.projects.put_settings(before, settings):
            dependencies.roles.clear()
            return after
    raise Problem("changed_meanwhile")


async def publish_events(project_id: str, dependencies: Dependencies) -> None:
    """Publish the events of a project that was just changed."""
    await dependencies.project_events.publish(*await dependencies.projects.unpublished_of(project_id))
