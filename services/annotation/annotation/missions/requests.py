"""Requests for missions."""

from typing import Annotated

from faststream.nats import NatsRouter

from annotation.missions.ontologies import OntologyService
from annotation.missions.service import MissionService
from annotation.objects.by_class import ObjectsByClass
from common.contract import questions
from common.contract.missions import Mission
from common.messaging.dependencies import Dependency
from common.messaging.handlers import request_handler

router = NatsRouter()
Ontologies = Annotated[OntologyService, Dependency("ontologies")]
Missions = Annotated[MissionService, Dependency("missions")]
Objects = Annotated[ObjectsByClass, Dependency("objects_by_class")]


@router.subscriber(**request_handler(questions.ListMissions))
async def list_missions(question: questions.ListMissions, ontologies: Ontologies) -> questions.MissionList:
    """The missions of a project."""
    return questions.MissionList(items=await ontologies.missions(question.project_id))


@router.subscriber(**request_handler(questions.SaveMission))
async def save_mission(question: questions.SaveMission, missions: Missions) -> Mission:
    """Add or replace a mission, after moving the objects of removed classes."""
    return await missions.save(question)


@router.subscriber(**request_handler(questions.DeleteMission))
async def delete_mission(question: questions.DeleteMission, missions: Missions) -> questions.Empty:
    """Delete a mission, after moving its objects."""
    await missions.delete(question)
    return questions.Empty()


@router.subscriber(**request_handler(questions.ReadUse))
async def read_use(question: questions.ReadUse, objects: Objects) -> questions.CategoryUses:
    """The number of objects of each category and type."""
    return questions.CategoryUses(items=await objects.uses(question.project_id, question.mission_id))
