"""Events of frames: clips and playable media."""

from common.contract.clips import Rendition
from common.contract.errors import Reason
from common.contract.events.event import MediaEvent
from common.contract.labels import Frame
from common.contract.media import Footage


class CutClip(
    MediaEvent, type="job.cut_clip", stream="FRAMES_JOBS", by="frames", key=("media_id", "clip", "rendition")
):
    """Job: cut one rendition of one clip without re-encoding."""

    clip: int
    rendition: Rendition


class EncodeClip(MediaEvent, type="job.encode_clip", stream="FRAMES_JOBS", by="frames", key=("media_id", "clip")):
    """Job: encode the proxy of one clip. It has a separate queue, so that quick cuts never wait behind it."""

    clip: int


class MediaPlanned(MediaEvent, type="media.planned", stream="CLIPS", by="frames"):
    """All frames of a medium are counted: its exact size, frame rate, length and number of clips."""

    footage: Footage


class ClipReady(MediaEvent, type="clip.ready", stream="CLIPS", by="frames", key=("media_id", "clip", "rendition")):
    """A clip can be played and labeled. Published once per rendition: first the copied packets of the source, if
    browsers can play them, then the proxy encoded for seeking."""

    clip: int
    first: Frame
    last: Frame
    rendition: Rendition
    index_key: str
    width: int
    height: int
    fps: float


class MediaReady(MediaEvent, type="media.ready", stream="CLIPS", by="frames"):
    """Every clip of a medium can be played."""

    footage: Footage


class MediaFailed(MediaEvent, type="media.failed", stream="CLIPS", by="frames"):
    """A medium cannot be played, with the reason."""

    reason: Reason
