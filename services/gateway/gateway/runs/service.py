"""Starting runs: detection on media, or tracking of one object between keyframes."""

from dataclasses import dataclass

from common.contract.errors import Problem
from common.contract.questions import ListModels, Run, StartRun
from gateway.dependencies import Dependencies
from gateway.domain.projects import Member


@dataclass(frozen=True, slots=True)
class Tracking:
    """An object to track on frames first…last; without `model`, with the first detector there is."""

    object_id: str
    first: int | None
    last: int | None
    model: str | None


async def track_object(run_id: str, tracking: Tracking, member: Member, dependencies: Dependencies) -> Run:
    """Start tracking an object of the project. Raises Problem."""
    owner = await dependencies.owners.owner("object", tracking.object_id)
    if owner.project_id != member.project_id or owner.media_id is None:
        raise Problem("object_not_found")
    return await dependencies.bus.ask(
        StartRun(
            run_id=run_id,
            project_id=member.project_id,
            kind="quick",
            model=tracking.model or await _first_detector(dependencies),
            media=[owner.media_id],
            accept="auto",
            author=member.user.id,
            object_id=tracking.object_id,
            first=tracking.first,
            last=tracking.last,
        )
    )


async def _first_detector(dependencies: Dependencies) -> str:
    for model in (await dependencies.bus.ask(ListModels())).items:
        if model.task == "detect":
            return model.id
    raise Problem("no_detector")
