"""Facts about projects reach the stream even if the process that made them ends right after."""

import asyncio

from common.messaging.bus import Bus
from gateway.projects.repository import Projects

LOOK_EVERY_S = 10.0


async def tell_of(project_id: str, projects: Projects, bus: Bus) -> None:
    """Tell what is still to be told of a project; told twice, it is the same fact."""
    if facts := await projects.untold_of(project_id):
        await bus.publish(*facts)
        await projects.mark_told(project_id, facts)


async def tell_the_rest(projects: Projects, bus: Bus) -> None:
    """Tell, for ever, what others left behind."""
    while True:
        async for project_id, facts in projects.untold():
            await bus.publish(*facts)
            await projects.mark_told(project_id, facts)
        await asyncio.sleep(LOOK_EVERY_S)
