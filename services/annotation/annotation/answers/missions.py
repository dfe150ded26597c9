"""What annotation answers about missions."""

from typing import Annotated

from faststream.nats import NatsRouter

from annotation.store.mission_changes import MissionChanges
from annotation.store.missions import MissionStore
from annotation.store.uses import Uses
from common.answering import answer
from common.given import Given
from common.missions import Mission
from common.questions import CategoryUses, DeleteMission, Done, ListMissions, MissionList, ReadUse, SaveMission

router = NatsRouter()
Missions = Annotated[MissionStore, Given("missions")]
Changes = Annotated[MissionChanges, Given("mission_changes")]
Used = Annotated[Uses, Given("uses")]


@router.subscriber(**answer(ListMissions))
async def list_missions(question: ListMissions, missions: Missions) -> MissionList:
    """The missions of a project."""
    return MissionList(items=await missions.of_project(question.project_id))


@router.subscriber(**answer(SaveMission))
async def save_mission(question: SaveMission, changes: Changes) -> Mission:
    """Add or replace a mission, after its objects moved where that takes away what they are."""
    return await changes.save(question)


@router.subscriber(**answer(DeleteMission))
async def delete_mission(question: DeleteMission, changes: Changes) -> Done:
    """Delete a mission, after its objects moved."""
    await changes.delete(question)
    return Done()


@router.subscriber(**answer(ReadUse))
async def read_use(question: ReadUse, uses: Used) -> CategoryUses:
    """How many objects have each category and type."""
    return CategoryUses(items=await uses.of(question.project_id, question.mission_id))
