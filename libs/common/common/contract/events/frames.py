"""What frames tells: clips and whether media can be shown."""

from common.contract.clips import Rendition
from common.contract.errors import Reason
from common.contract.events.event import MediaEvent
from common.contract.labels import Frame
from common.contract.media import Footage


class CutClip(MediaEvent):
    """Job: make one rendition of one clip without encoding: quick."""

    type = "job.cut_clip"
    stream = "FRAMES_JOBS"
    by = "frames"

    clip: int
    rendition: Rendition

    def key(self) -> tuple[str | int, ...]:
        return (self.media_id, self.clip, self.rendition)


class EncodeClip(MediaEvent):
    """Job: encode one clip's proxy. A queue of its own, so that no clip that can be shown at once waits behind it."""

    type = "job.encode_clip"
    stream = "FRAMES_JOBS"
    by = "frames"

    clip: int

    def key(self) -> tuple[str | int, ...]:
        return (self.media_id, self.clip)


class MediaPlanned(MediaEvent):
    """All frames of a medium are counted: its true size, rate, length and number of clips."""

    type = "media.planned"
    stream = "CLIPS"
    by = "frames"

    footage: Footage


class ClipReady(MediaEvent):
    """A clip can be shown and labeled. Told once for each rendition: first the copied packets of the source, where
    they can be shown as they are, then the proxy made for seeking."""

    type = "clip.ready"
    stream = "CLIPS"
    by = "frames"

    clip: int
    first: Frame
    last: Frame
    rendition: Rendition
    index_key: str
    width: int
    height: int
    fps: float

    def key(self) -> tuple[str | int, ...]:
        return (self.media_id, self.clip, self.rendition)


class MediaReady(MediaEvent):
    """Every clip of a medium can be shown."""

    type = "media.ready"
    stream = "CLIPS"
    by = "frames"

    footage: Footage


class MediaFailed(MediaEvent):
    """A medium cannot be shown, with the reason."""

    type = "media.failed"
    stream = "CLIPS"
    by = "frames"

    reason: Reason
