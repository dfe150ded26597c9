"""Facts and jobs about media and clips. The same content always has the same event id."""

from common.contract.clips import Rendition
from common.contract.errors import Reason
from common.contract.events import ClipReady, CutClip, EncodeClip, MediaFailed, MediaPlanned, MediaReady
from common.contract.media import Footage
from common.storage.objects import index_key
from frames.domain.media import ClipRecord, MediaRecord


def copy_job(record: MediaRecord, clip: int) -> CutClip:
    """The job that copies a clip's samples."""
    return CutClip(project_id=record.project_id, media_id=record.media_id, clip=clip, rendition="copy")


def proxy_job(record: MediaRecord, clip: int) -> EncodeClip:
    """The job that encodes a clip's proxy."""
    return EncodeClip(project_id=record.project_id, media_id=record.media_id, clip=clip)


def media_planned(record: MediaRecord, footage: Footage) -> MediaPlanned:
    """All frames are counted."""
    return MediaPlanned(project_id=record.project_id, media_id=record.media_id, footage=footage)


def media_ready(record: MediaRecord, footage: Footage) -> MediaReady:
    """Every clip can be shown."""
    return MediaReady(project_id=record.project_id, media_id=record.media_id, footage=footage)


def media_failed(record: MediaRecord, reason: Reason) -> MediaFailed:
    """The medium cannot be shown."""
    return MediaFailed(project_id=record.project_id, media_id=record.media_id, reason=reason)


def clip_ready(record: MediaRecord, clip: ClipRecord, rendition: Rendition) -> ClipReady:
    """A rendition of a clip exists."""
    return ClipReady(
        project_id=record.project_id,
        media_id=record.media_id,
        clip=clip.clip,
        first=clip.first,
        last=clip.last,
        rendition=rendition,
        index_key=index_key(record.project_id, record.media_id, clip.clip, rendition),
        width=record.video["width"],
        height=record.video["height"],
        fps=record.rate,
    )
