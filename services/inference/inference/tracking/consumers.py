"""Jobs of runs: label a clip, or fill a gap."""

from common.contract.events import LabelClip, TrackObject
from common.messaging.delivery import EventRouter
from inference.tracking.service import TaskService

router = EventRouter[TaskService]("tasks", by="inference")

router.consume(LabelClip, TaskService.label_clip)
router.consume(TrackObject, TaskService.fill_gap)
router.consume_dead_letters(LabelClip, TaskService.give_up)
router.consume_dead_letters(TrackObject, TaskService.give_up)
