"""Jobs of runs: label a clip, or fill a gap."""

from typing import Annotated

from faststream.nats import NatsRouter

from common.contract.errors import reason_for
from common.contract.events import LabelClip, TrackObject
from common.messaging.delivery import consume, consume_dead_letters
from common.messaging.dependencies import Dependency
from inference.tracking.service import TaskService

router = NatsRouter()
Service = Annotated[TaskService, Dependency("tasks")]


@router.subscriber(**consume(LabelClip, by="inference"))
async def label_clip(job: LabelClip, service: Service) -> None:
    """Suggest tracks for a clip."""
    await service.label_clip(job)


@router.subscriber(**consume_dead_letters(LabelClip, by="inference"))
async def give_up_clip(job: LabelClip, service: Service) -> None:
    """Fail a clip that could not be labeled; a reason that is stored already stays."""
    await service.fail(job, reason_for("labeling_failed_repeatedly"))


@router.subscriber(**consume(TrackObject, by="inference"))
async def track_object(job: TrackObject, service: Service) -> None:
    """Fill a gap between two keyframes of an object."""
    await service.fill_gap(job)


@router.subscriber(**consume_dead_letters(TrackObject, by="inference"))
async def give_up_gap(job: TrackObject, service: Service) -> None:
    """Fail a gap that could not be filled; a reason that is stored already stays."""
    await service.fail(job, reason_for("tracking_failed_repeatedly"))
