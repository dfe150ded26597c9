"""Access rights of the caller in a project, or to a resource of a project.

Every route of a project starts from `project_access(action)` or `<noun>_access(action)`; the rights of each role are in
`gateway.domain.roles`. A missing resource and one of another project are the same 404.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Path

from common.contract.errors import Problem
from common.service.ids import is_id
from gateway.dependencies import Dependencies, Injected
from gateway.domain.accounts import Caller
from gateway.domain.projects import Member
from gateway.domain.roles import Action, may
from gateway.http.authentication import SignedIn
from gateway.ownership import Noun, Owner


@dataclass(frozen=True, slots=True)
class ResourceAccess:
    """A member's access to one resource of the project."""

    member: Member
    id: str
    owner: Owner

    @property
    def project_id(self) -> str:
        """The project of the resource."""
        return self.member.project_id


async def authorize(
    caller: Caller, project_id: str, action: Action, dependencies: Dependencies, *, noun: str = "project"
) -> Member:
    """The caller as a member of the project who may do `action`. Raises Problem `<noun>_not_found` or
    `role_not_allowed`."""
    user_id = caller.user.id
    project_role = None
    if is_id(project_id):
        project_role = await dependencies.roles.get(
            (project_id, user_id), lambda: dependencies.projects.role_of(project_id, user_id)
        )
    if project_role is None:
        raise Problem(f"{noun}_not_found")
    if not may(project_role.role, action):
        raise Problem("role_not_allowed", role=project_role.role, action=action)
    return Member(caller, project_id, project_role.role, project_role.rules)


async def authorize_resource(
    caller: Caller, noun: Noun, resource_id: str, action: Action, dependencies: Dependencies
) -> ResourceAccess:
    """The caller's access to a resource, whose project is looked up. Raises Problem."""
    owner = await dependencies.owners.owner(noun, resource_id)
    member = await authorize(caller, owner.project_id, action, dependencies, noun=noun)
    return ResourceAccess(member, resource_id, owner)


def project_access(action: Action) -> Any:
    """The member, for routes with `{project}`."""

    async def check(project: str, caller: SignedIn, dependencies: Injected) -> Member:
        return await authorize(caller, project, action, dependencies)

    return Depends(check)


def _resource_access(noun: Noun, parameter: str) -> Callable[[Action], Any]:
    """Access to a resource, for routes with its id as the path's `parameter`."""

    def access(action: Action) -> Any:
        async def check(
            resource_id: Annotated[str, Path(alias=parameter)], caller: SignedIn, dependencies: Injected
        ) -> ResourceAccess:
            return await authorize_resource(caller, noun, resource_id, action, dependencies)

        return Depends(check)

    return access


medium_access = _resource_access("medium", "medium")
upload_access = _resource_access("upload", "upload")
object_access = _resource_access("object", "object_id")
run_access = _resource_access("run", "run")
export_access = _resource_access("export", "export")
import_access = _resource_access("import", "import_id")
version_access = _resource_access("version", "version")

# The rights that most routes ask for.
ProjectReader = Annotated[Member, project_access("read")]
ProjectLabeler = Annotated[Member, project_access("label")]
ProjectExporter = Annotated[Member, project_access("export")]
MediumReader = Annotated[ResourceAccess, medium_access("read")]
MediumLabeler = Annotated[ResourceAccess, medium_access("label")]


def snapshot_access(action: Action) -> Any:
    """Access to a snapshot, for routes with `{snapshot}`."""

    async def check(snapshot: str, caller: SignedIn, dependencies: Injected) -> ResourceAccess:
        stored = await dependencies.snapshots.find(snapshot) if is_id(snapshot) else None
        if stored is None:
            raise Problem("snapshot_not_found")
        member = await authorize(caller, stored.project_id, action, dependencies, noun="snapshot")
        return ResourceAccess(member, snapshot, Owner(stored.project_id))

    return Depends(check)
