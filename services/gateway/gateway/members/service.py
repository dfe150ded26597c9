"""Adding and removing members of a project."""

from dataclasses import dataclass

from common.contract.errors import Problem
from gateway.dependencies import Dependencies
from gateway.domain.accounts import User
from gateway.domain.projects import Membership, Project
from gateway.domain.roles import Role
from gateway.projects.service import ATTEMPTS, find_project, publish_events


@dataclass(frozen=True, slots=True)
class ProjectMember:
    """A user with the membership of a project."""

    user: User
    membership: Membership


async def list_members(project_id: str, dependencies: Dependencies) -> list[ProjectMember]:
    """All members of a project."""
    project = await find_project(project_id, dependencies)
    users = await dependencies.accounts.find_many([membership.user_id for membership in project.members])
    return [
        ProjectMember(users[membership.user_id], membership)
        for membership in project.members
        if membership.user_id in users
    ]


async def add_member(project_id: str, email: str, role: Role, dependencies: Dependencies) -> ProjectMember:
    """Add the user with this email to a project, or change the user's role. Raises Problem."""
    account = await dependencies.accounts.find_by_email(email)
    if account is None or not account[0].verified:
        raise Problem.of_field("email", "no_verified_account")
    user = account[0]
    project = await _put(project_id, user, role, dependencies)
    dependencies.roles.forget((project_id, user.id))
    await publish_events(project_id, dependencies)
    membership = project.member(user.id)
    if membership is None:
        raise Problem("member_not_found")
    return ProjectMember(user, membership)


async def _put(project_id: str, user: User, role: Role, dependencies: Dependencies) -> Project:
    for _ in range(ATTEMPTS):
        project = await find_project(project_id, dependencies)
        known = project.member(user.id)
        if known is not None and known.role == "owner":
            raise Problem("owner_role_fixed")
        if changed := await dependencies.projects.put_member(project, user.id, role, dependencies.clock()):
            return changed
    raise Problem("changed_meanwhile")


async def remove_member(project_id: str, user_id: str, dependencies: Dependencies) -> None:
    """Remove a member other than the owner. Raises Problem."""
    if not await dependencies.projects.remove_member(project_id, user_id):
        raise Problem("member_not_found")
    dependencies.roles.forget((project_id, user_id))
