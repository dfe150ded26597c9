"""Stored media."""

from common.contract.events import MediaStored
from common.messaging.delivery import EventRouter
from frames.planning.service import PlanningService

router = EventRouter[PlanningService]("planning", by="frames")

router.consume(MediaStored, PlanningService.plan)
router.consume_dead_letters(MediaStored, PlanningService.give_up)
