"""What annotation answers about missions."""

from typing import Annotated

from faststream.nats import NatsRouter

from annotation.missions.repository import MissionStore
from annotation.missions.service import MissionChanges
from annotation.objects.by_class import Uses
from common.contract.missions import Mission
from common.contract.questions import (
    CategoryUses,
    DeleteMission,
    Empty,
    ListMissions,
    MissionList,
    ReadUse,
    SaveMission,
)
from common.messaging.dependencies import Dependency
from common.messaging.handlers import request_handler

router = NatsRouter()
Missions = Annotated[MissionStore, Dependency("missions")]
Changes = Annotated[MissionChanges, Dependency("mission_changes")]
Used = Annotated[Uses, Dependency("uses")]


@router.subscriber(**request_handler(ListMissions))
async def list_missions(question: ListMissions, missions: Missions) -> MissionList:
    """The missions of a project."""
    return MissionList(items=await missions.of_project(question.project_id))


@router.subscriber(**request_handler(SaveMission))
async def save_mission(question: SaveMission, changes: Changes) -> Mission:
    """Add or replace a mission, after its objects moved where that takes away what they are."""
    return await changes.save(question)


@router.subscriber(**request_handler(DeleteMission))
async def delete_mission(question: DeleteMission, changes: Changes) -> Empty:
    """Delete a mission, after its objects moved."""
    await changes.delete(question)
    return Empty()


@router.subscriber(**request_handler(ReadUse))
async def read_use(question: ReadUse, uses: Used) -> CategoryUses:
    """How many objects have each category and type."""
    return CategoryUses(items=await uses.of(question.project_id, question.mission_id))
