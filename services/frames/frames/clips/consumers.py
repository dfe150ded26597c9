"""Jobs that make clips, and deleted media."""

from common.contract.events import CutClip, EncodeClip, MediaDeleted
from common.messaging.delivery import EventRouter
from frames.clips.service import ClipService

router = EventRouter[ClipService]("clip_service", by="frames")

router.consume(CutClip, ClipService.copy)
router.consume(EncodeClip, ClipService.encode)
router.consume(MediaDeleted, lambda clips, deleted: clips.delete(deleted.project_id, deleted.media_id))
router.consume_dead_letters(CutClip, ClipService.encode_instead)
router.consume_dead_letters(EncodeClip, ClipService.give_up_encoding)
