"""Missions: what a team labels."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, Field

from common.labels import Category, Id, Mission
from common.questions import ListMissions, SaveMission
from gateway.api.access import IdempotencyKey, in_project, named
from gateway.api.answers import Listed
from gateway.domain.people import Member
from gateway.parts import With

router = APIRouter(tags=["labels"])


class NewMission(BaseModel):
    """A mission to add; with the `id` of one there is, it replaces that one."""

    id: Id | None = None
    name: str = Field(min_length=1, max_length=200)
    annotation_types: list[str] = Field(default=["bbox"], max_length=50)
    categories: list[Category] = Field(default=[], max_length=2000)
    behaviors: dict[str, list[str]] = {}


@router.get("/projects/{project}/missions")
async def list_missions(member: Annotated[Member, in_project("read")], parts: With) -> Listed[Mission]:
    """The missions of a project, the built-in ones first."""
    found = await parts.bus.ask(ListMissions(project_id=member.project_id))
    return Listed(items=found.items)


@router.post("/projects/{project}/missions", status_code=201)
async def save_mission(
    new: NewMission, member: Annotated[Member, in_project("label")], parts: With, key: IdempotencyKey = None
) -> Mission:
    """Add a mission, or replace one."""
    mission_id = new.id or named(member.caller, f"missions {member.project_id}", key)
    mission = Mission.model_validate(new.model_dump() | {"id": mission_id})
    return await parts.bus.ask(SaveMission(project_id=member.project_id, mission=mission))
