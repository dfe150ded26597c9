"""Questions for exact frames as images."""

from typing import Annotated

from faststream.nats import NatsRouter

from common.contract.questions import FrameImage, FrameStrip, RenderFrame, RenderFrames
from common.messaging.dependencies import Dependency
from common.messaging.handlers import request_handler
from frames.rendering.service import RenderingService

router = NatsRouter()
Service = Annotated[RenderingService, Dependency("rendering")]


@router.subscriber(**request_handler(RenderFrame))
async def render_frame(question: RenderFrame, service: Service) -> FrameImage:
    """One frame as an image."""
    return await service.render_frame(question)


@router.subscriber(**request_handler(RenderFrames))
async def render_frames(question: RenderFrames, service: Service) -> FrameStrip:
    """Several frames, concatenated in one object."""
    return await service.render_frames(question)
