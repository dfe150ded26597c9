"""The storage format of a clip in S3: one object with all samples, and an index.

Browser and detector read the index instead of a container, so that no demuxer is needed. A frame number is the position
in presentation order and is never computed from a time.
"""

from typing import Literal

from pydantic import Field

from common.contract.labels import Frame, Id
from common.contract.model import Model

FRAMES_PER_CLIP = 1800
Rendition = Literal["copy", "proxy", "still"]


class Segment(Model):
    """A closed group of pictures, decodable on its own. It shows `count` frames from `first` on; a segment copied from
    the source may begin before its clip and end after it. `sample` is the index of its first sample."""

    first: Frame
    count: int = Field(ge=1)
    offset: int = Field(ge=0)
    size: int = Field(ge=1)
    sample: int = Field(ge=0)


class ClipIndex(Model):
    """The location of each frame of a clip.

    `sample_size[i]`, `sample_frame[i]`: bytes and frame number (over the medium) of the i-th sample in decode
    order; samples of a segment are contiguous. `pts[k]` is the time of frame `first + k` in units of `time_base`
    (numerator, denominator; seconds). `description` is the base64 avcC record for the decoder
    (H.264 samples are length-prefixed), null for stills.
    """

    media_id: Id
    clip: int = Field(ge=0)
    rendition: Rendition
    codec: str
    description: str | None = None
    width: int = Field(gt=0)
    height: int = Field(gt=0)
    rotation: Literal[0, 90, 180, 270] = 0
    first: Frame
    count: int = Field(ge=1)
    segments: list[Segment]
    sample_size: list[int]
    sample_frame: list[int]
    time_base: tuple[int, int]
    pts: list[int]

    @property
    def last(self) -> int:
        """The clip's last frame, inclusive."""
        return self.first + self.count - 1
