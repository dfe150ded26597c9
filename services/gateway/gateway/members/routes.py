"""Members of a project."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Response
from pydantic import BaseModel

from gateway.dependencies import Injected
from gateway.domain.projects import Member
from gateway.domain.roles import Role
from gateway.http.access import ProjectReader, project_access
from gateway.http.fields import EmailAddress
from gateway.http.responses import Page
from gateway.http.validation import RequestModel
from gateway.members import service
from gateway.members.service import ProjectMember

router = APIRouter(tags=["projects"])


class Invitation(RequestModel):
    """The email of the account to add, and its role. For a member, the new role."""

    email: EmailAddress
    role: Literal["admin", "labeler", "developer"] = "labeler"


class MemberJson(BaseModel):
    """A member of a project."""

    user_id: str
    name: str
    email: str
    role: Role
    joined_at: datetime


@router.get("/projects/{project}/members")
async def list_members(member: ProjectReader, dependencies: Injected) -> Page[MemberJson]:
    """List the members of a project."""
    members = await service.list_members(member.project_id, dependencies)
    return Page(items=[_json(project_member) for project_member in members])


@router.post("/projects/{project}/members", status_code=201)
async def add_member(
    invitation: Invitation, member: Annotated[Member, project_access("invite")], dependencies: Injected
) -> MemberJson:
    """Add a member, or change a member's role. Idempotent."""
    return _json(await service.add_member(member.project_id, invitation.email, invitation.role, dependencies))


@router.delete("/projects/{project}/members/{user}", status_code=204)
async def remove_member(
    user: str, member: Annotated[Member, project_access("invite")], dependencies: Injected
) -> Response:
    """Remove a member. The owner cannot be removed."""
    await service.remove_member(member.project_id, user, dependencies)
    return Response(status_code=204)


def _json(project_member: ProjectMember) -> MemberJson:
    user, membership = project_member.user, project_member.membership
    return MemberJson(
        user_id=user.id, name=user.name, email=user.email, role=membership.role, joined_at=membership.joined_at
    )
