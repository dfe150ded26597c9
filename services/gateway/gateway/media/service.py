"""Checks that media belong to a project."""

from collections.abc import Sequence

from common.contract.errors import Problem
from common.contract.questions import ListMedia, PageRequest
from gateway.dependencies import Dependencies

BATCH = 500


async def ensure_in_project(media: Sequence[str] | None, project_id: str, dependencies: Dependencies) -> None:
    """Refuse media of other projects. Raises Problem."""
    wanted = sorted(set(media or ()))
    known: set[str] = set()
    for start in range(0, len(wanted), BATCH):
        batch = wanted[start : start + BATCH]
        question = ListMedia(project_id=project_id, media=batch, page=PageRequest(limit=BATCH))
        known |= {medium.id for medium in (await dependencies.bus.ask(question)).items}
    if missing := [media_id for media_id in wanted if media_id not in known]:
        raise Problem.of_field("media", "media_not_in_project", media=", ".join(missing[:5]))


async def ensure_medium_in_project(media_id: str | None, project_id: str, dependencies: Dependencies) -> None:
    """Refuse a medium of another project, by the cached owners. Raises Problem."""
    if media_id is not None and (await dependencies.owners.owner("medium", media_id)).project_id != project_id:
        raise Problem("medium_not_found")
