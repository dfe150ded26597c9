"""Missions, objects and edits, through annotation."""

from collections.abc import Iterable

from common.contract.edits import Edit, EditResult
from common.contract.labels import ObjectState
from common.contract.missions import Mission
from common.contract.questions import ApplyEdits, Import, ListMissions, ReadObjects, SaveMission
from common.messaging.bus import AskClient, ask_with_retry


async def list_missions(bus: AskClient, project_id: str) -> list[Mission]:
    """The missions of a project."""
    return (await ask_with_retry(bus, ListMissions(project_id=project_id))).items


async def save_mission(bus: AskClient, wanted: Import, mission: Mission) -> Mission:
    """Add or extend a mission. Raises Problem if it was changed meanwhile."""
    question = SaveMission(project_id=wanted.project_id, mission=mission, author=wanted.author)
    return await ask_with_retry(bus, question)


async def objects_on(bus: AskClient, project_id: str, media_id: str) -> dict[str, ObjectState]:
    """The objects of a medium by id, without their keyframes."""
    found = await ask_with_retry(bus, ReadObjects(project_id=project_id, media_id=media_id))
    return {state.id: state.model_copy(update={"keyframes": []}) for state in found.objects}


async def apply_edits(
    bus: AskClient, wanted: Import, media_id: str, edits: Iterable[Edit], frame_count: int
) -> list[EditResult]:
    """The results of edits of one medium's objects, in order."""
    question = ApplyEdits(
        project_id=wanted.project_id,
        media_id=media_id,
        edits=list(edits),
        author=wanted.author,
        frame_count=frame_count,
        rules=wanted.rules,
    )
    return (await ask_with_retry(bus, question)).results
