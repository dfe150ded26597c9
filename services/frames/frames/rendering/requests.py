"""Questions for exact frames as images."""

from common.contract.questions import RenderFrame, RenderFrames
from common.messaging.handlers import RequestRouter
from frames.rendering.service import RenderingService

router = RequestRouter[RenderingService]("rendering")

router.answer(RenderFrame, RenderingService.render_frame)
router.answer(RenderFrames, RenderingService.render_frames)
