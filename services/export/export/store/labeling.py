"""What an import asks annotation for: missions, what is there already, and edits."""

from collections.abc import Iterable

from common.bus import Asks, ask_patiently
from common.edits import Edit, EditResult
from common.labels import ObjectState
from common.missions import Mission
from common.questions import ApplyEdits, Import, ListMissions, ReadObjects, SaveMission


async def list_missions(bus: Asks, project_id: str) -> list[Mission]:
    """The missions of a project."""
    return (await ask_patiently(bus, ListMissions(project_id=project_id))).items


async def save_mission(bus: Asks, wanted: Import, mission: Mission) -> Mission:
    """Add a mission, or to one. Raises Problem where somebody changed it meanwhile."""
    asked = SaveMission(project_id=wanted.project_id, mission=mission, author=wanted.author)
    return await ask_patiently(bus, asked)


async def objects_on(bus: Asks, project_id: str, media_id: str) -> dict[str, ObjectState]:
    """The objects of a medium by id, without their keyframes' weight."""
    found = await ask_patiently(bus, ReadObjects(project_id=project_id, media_id=media_id))
    return {one.id: one.model_copy(update={"keyframes": []}) for one in found.objects}


async def apply_edits(
    bus: Asks, wanted: Import, media_id: str, edits: Iterable[Edit], frame_count: int
) -> list[EditResult]:
    """What became of edits of one medium's objects, in order."""
    asked = ApplyEdits(
        project_id=wanted.project_id,
        media_id=media_id,
        edits=list(edits),
        author=wanted.author,
        frame_count=frame_count,
        rules=wanted.rules,
    )
    return (await ask_patiently(bus, asked)).results
