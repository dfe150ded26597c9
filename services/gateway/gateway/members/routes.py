"""Who belongs to a project, and as what."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Response
from pydantic import BaseModel

from common.service.errors import Problem, invalid, not_found
from gateway.dependencies import Dependencies, Injected
from gateway.domain.people import Member, Membership, Project, User
from gateway.domain.roles import Role
from gateway.http.access import project_access
from gateway.http.fields import Address
from gateway.http.responses import Page
from gateway.projects.outbox import publish_pending_of

router = APIRouter(tags=["projects"])


class Invitation(BaseModel):
    """Who joins, by the e-mail of an account, and as what. For someone who is there already, the new role."""

    email: Address
    role: Literal["admin", "labeler", "developer"] = "labeler"


class MemberJson(BaseModel):
    """A member of a project."""

    user_id: str
    name: str
    email: str
    role: Role
    joined_at: datetime


@router.get("/projects/{project}/members")
async def list_members(member: Annotated[Member, project_access("read")], dependencies: Injected) -> Page[MemberJson]:
    """Everyone in the project."""
    project = await _project(member, dependencies)
    users = await dependencies.accounts.find_many([membership.user_id for membership in project.members])
    items = [_json(users[place.user_id], place) for place in project.members if place.user_id in users]
    return Page(items=items)


@router.post("/projects/{project}/members", status_code=201)
async def add_member(
    invitation: Invitation, member: Annotated[Member, project_access("invite")], dependencies: Injected
) -> MemberJson:
    """Add the person with this e-mail, or change the role; the same request again changes nothing."""
    found = await dependencies.accounts.find_by_email(invitation.email)
    if found is None or not found[0].verified:
        raise invalid("email", "Nobody has signed up and verified this e-mail address yet.")
    user = found[0]
    project = await _put(user, invitation.role, member, dependencies)
    dependencies.places.forget((project.id, user.id))
    await publish_pending_of(project.id, dependencies.projects, dependencies.bus)
    membership = project.member(user.id)
    if membership is None:
        raise not_found("member")
    return _json(user, membership)


async def _put(user: User, role: Role, member: Member, dependencies: Dependencies) -> Project:
    for _ in range(3):
        project = await _project(member, dependencies)
        known = project.member(user.id)
        if known is not None and known.role == "owner":
            raise Problem(409, "Owner stays owner", "The owner's role cannot be changed.")
        if changed := await dependencies.projects.put_member(project, user.id, role, dependencies.clock()):
            return changed
    raise Problem(409, "Changed meanwhile", "Someone else is changing the members right now. Please try again.")


@router.delete("/projects/{project}/members/{user}", status_code=204)
async def remove_member(
    user: str, member: Annotated[Member, project_access("invite")], dependencies: Injected
) -> Response:
    """Take a member out of the project; the owner stays."""
    if not await dependencies.projects.remove_member(member.project_id, user):
        raise not_found("member")
    dependencies.places.forget((member.project_id, user))
    return Response(status_code=204)


async def _project(member: Member, dependencies: Dependencies) -> Project:
    project = await dependencies.projects.find(member.project_id)
    if project is None:
        raise not_found("project")
    return project


def _json(user: User, membership: Membership) -> MemberJson:
    return MemberJson(
        user_id=user.id, name=user.name, email=user.email, role=membership.role, joined_at=membership.joined_at
    )
