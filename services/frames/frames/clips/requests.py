"""Questions about clips."""

from typing import Annotated

from faststream.nats import NatsRouter

from common.contract.errors import Problem
from common.contract.questions import ClipList, ClipRendition, ListClips
from common.messaging.dependencies import Dependency
from common.messaging.handlers import request_handler
from common.storage.objects import index_key, samples_key
from frames.clips.repository import ClipRepository

router = NatsRouter()
Clips = Annotated[ClipRepository, Dependency("clips")]


@router.subscriber(**request_handler(ListClips))
async def list_clips(question: ListClips, clips: Clips) -> ClipList:
    """The clips that can be shown, each in the rendition that suits the purpose."""
    record = await clips.find(question.media_id)
    if record is not None and record.project_id != question.project_id:
        raise Problem("medium_not_found")
    project, media = question.project_id, question.media_id
    items = [
        ClipRendition(
            clip=clip.clip,
            first=clip.first,
            last=clip.last,
            rendition=best,
            index_key=index_key(project, media, clip.clip, best),
            samples_key=samples_key(project, media, clip.clip, best),
        )
        for clip in await clips.clips(media)
        if (best := clip.best(question.purpose)) is not None
    ]
    return ClipList(clips=items)
