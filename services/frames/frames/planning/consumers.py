"""Stored media."""

from typing import Annotated

from faststream.nats import NatsRouter

from common.contract.events import MediaStored
from common.messaging.delivery import consume, consume_dead_letters
from common.messaging.dependencies import Dependency
from frames.planning.service import PlanningService

router = NatsRouter()
Service = Annotated[PlanningService, Dependency("planning")]


@router.subscriber(**consume(MediaStored, by="frames"))
async def plan_medium(stored: MediaStored, service: Service) -> None:
    """Plan the clips of a stored medium."""
    await service.plan(stored)


@router.subscriber(**consume_dead_letters(MediaStored, by="frames"))
async def give_up_planning(stored: MediaStored, service: Service) -> None:
    """Fail a medium that could not be planned."""
    await service.give_up(stored)
