"""Facts about projects reach the stream even if the process that made them ends right after."""

import asyncio

from common.messaging.bus import Bus
from gateway.projects.repository import ProjectRepository

POLL_INTERVAL_S = 10.0


async def publish_pending_of(project_id: str, projects: ProjectRepository, bus: Bus) -> None:
    """Tell what is still to be told of a project; told twice, it is the same fact."""
    if facts := await projects.pending_of(project_id):
        await bus.publish(*facts)
        await projects.mark_published(project_id, facts)


async def publish_pending(projects: ProjectRepository, bus: Bus) -> None:
    """Tell, for ever, what others left behind."""
    while True:
        async for project_id, facts in projects.pending():
            await bus.publish(*facts)
            await projects.mark_published(project_id, facts)
        await asyncio.sleep(POLL_INTERVAL_S)
