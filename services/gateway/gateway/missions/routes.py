"""Missions: the categories, types, attributes and behaviours that a team labels."""

from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import Field

from common.contract.labels import Id
from common.contract.missions import BehaviorType, Category, Mission
from common.contract.questions import CategoryMove, CategoryUse, DeleteMission, ListMissions, ReadUse, SaveMission
from gateway.dependencies import Injected
from gateway.domain.projects import Member
from gateway.http.access import ProjectLabeler, ProjectReader, project_access
from gateway.http.parameters import IdempotencyKey, resource_id
from gateway.http.responses import Page, forward, list_response
from gateway.http.validation import RequestModel

router = APIRouter(tags=["labels"])
Moves = Annotated[list[CategoryMove], Field(max_length=5000)]


class NewMission(RequestModel):
    """A mission to add. With the `id` of an existing one, it replaces that one, which must still be at `revision`.
    `moves` reassigns objects whose category or type no longer exists. A mission that was read can be sent back changed:
    `builtin` is read-only and ignored."""

    id: Id | None = None
    name: str = Field(min_length=1, max_length=200)
    annotation_types: list[str] = Field(default=["bbox"], max_length=50)
    categories: list[Category] = Field(default=[], max_length=5000)
    behaviors: list[BehaviorType] = Field(default=[], max_length=1000)
    revision: int = Field(default=0, ge=0)
    moves: Moves = []
    builtin: bool = False


class MissionDeletion(RequestModel):
    """The new categories of the objects of a deleted mission."""

    moves: Moves = []


@router.get("/projects/{project}/missions", response_model=Page[Mission])
async def list_missions(member: ProjectReader, dependencies: Injected) -> Response:
    """List the missions of a project, the built-in ones first."""
    return list_response(await dependencies.bus.ask_json(ListMissions(project_id=member.project_id)), "items")


@router.get("/projects/{project}/missions/use", response_model=Page[CategoryUse])
async def read_use(
    member: ProjectReader,
    dependencies: Injected,
    mission: Annotated[Id | None, Query(description="Only of this mission.")] = None,
) -> Response:
    """Count the objects of each category, the most used first."""
    question = ReadUse(project_id=member.project_id, mission_id=mission)
    return list_response(await dependencies.bus.ask_json(question), "items")


@router.post("/projects/{project}/missions", status_code=201, response_model=Mission)
async def save_mission(
    new: NewMission,
    member: ProjectLabeler,
    dependencies: Injected,
    key: IdempotencyKey = None,
) -> Response:
    """Add or replace a mission."""
    mission = Mission(
        id=new.id or resource_id(member.caller, f"missions {member.project_id}", key),
        name=new.name,
        annotation_types=new.annotation_types,
        categories=new.categories,
        behaviors=new.behaviors,
        revision=new.revision,
    )
    question = SaveMission(project_id=member.project_id, mission=mission, moves=new.moves, author=member.user.id)
    return await forward(question, dependencies, 201)


@router.delete("/projects/{project}/missions/{mission}", status_code=204)
async def delete_mission(
    mission: Id,
    member: Annotated[Member, project_access("define")],
    dependencies: Injected,
    deletion: MissionDeletion | None = None,
    to: Annotated[Id | None, Query(description="The mission that receives its objects.")] = None,
) -> Response:
    """Delete a mission. If it has objects and `to` is missing, the response is a 409."""
    question = DeleteMission(
        project_id=member.project_id,
        mission_id=mission,
        to_mission=to,
        moves=deletion.moves if deletion else [],
        author=member.user.id,
    )
    await dependencies.bus.ask(question)
    return Response(status_code=204)
