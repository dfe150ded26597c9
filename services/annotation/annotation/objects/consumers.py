"""Facts that change objects."""

import asyncio
from typing import Annotated

from faststream.nats import NatsRouter

from annotation.objects.tracking import TrackingService
from common.contract.events import LabelsTracked
from common.contract.labels import Suggestions
from common.messaging.bus import InjectedBus
from common.messaging.delivery import consume
from common.messaging.dependencies import Dependency

router = NatsRouter()
Tracking = Annotated[TrackingService, Dependency("tracking")]


@router.subscriber(**consume(LabelsTracked, by="annotation"))
async def fill_tracked_object(event: LabelsTracked, tracking: Tracking, bus: InjectedBus) -> None:
    """Add the shapes tracked by a run between manual keyframes."""
    file = await bus.objects.get(event.object_key)
    suggestions = await asyncio.to_thread(Suggestions.model_validate_json, file)
    await tracking.fill(event, suggestions)
