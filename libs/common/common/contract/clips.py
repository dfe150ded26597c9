"""A clip as it lies in S3: its samples one after the other in one object, and an index beside it.

The index is what browser and detector read instead of a container: no demuxer is needed, a frame number is the
frame's place in the decoded, presented order, and never computed from a time.
"""

from typing import Literal

from pydantic import Field

from common.contract.labels import Frame, Id
from common.contract.model import Model

FRAMES_PER_CLIP = 1800
Rendition = Literal["copy", "proxy", "still"]


class Segment(Model):
    """A closed group of pictures: decodable alone. `first` and `count` say which frames it shows; a segment
    copied from the source may begin before its clip and end after it. `sample` is its first sample's index."""

    first: Frame
    count: int = Field(ge=1)
    offset: int = Field(ge=0)
    size: int = Field(ge=1)
    sample: int = Field(ge=0)


class ClipIndex(Model):
    """Where each frame of a clip is.

    `sample_size[i]`, `sample_frame[i]`: bytes and frame number (over the medium) of the i-th sample in decode
    order; samples of a segment are contiguous. `pts[k]` is the time of frame `first + k` in units of `time_base`
    (numerator, denominator; seconds). `description` is the base64 avcC record that a decoder is configured with
    (H.264 samples are length-prefixed), None for stills.
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
