"""Questions to frames: clips and images of frames."""

from typing import Literal

from pydantic import Field

from common.contract.labels import Frame
from common.contract.model import Model
from common.contract.questions.question import MediumQuestion


class ClipRendition(Model):
    """The object keys of a clip's rendition: its index and its samples."""

    clip: int
    first: Frame
    last: Frame
    rendition: str
    index_key: str
    samples_key: str


class ClipList(Model):
    """The playable clips of a medium in order, each in one rendition."""

    clips: list[ClipRendition]


class ListClips(MediumQuestion[ClipList], to="frames"):
    """List the playable clips of a medium. `purpose` selects the rendition: the one that seeks fastest, or the one with
    the most detail of the source, which never changes."""

    purpose: Literal["seeking", "detail"] = "seeking"


class FrameImage(Model):
    """An image of one frame, stored in S3."""

    object_key: str
    content_type: str
    width: int
    height: int


class RenderFrame(MediumQuestion[FrameImage], to="frames", timeout_s=30.0):
    """One exact frame, decoded from the source, as an image at most `width` pixels wide."""

    frame: Frame
    format: Literal["jpeg", "png", "webp"] = "jpeg"
    width: int | None = Field(default=None, ge=16, le=16_384)


class FrameStrip(Model):
    """Images of several frames, concatenated in one object: `sizes[i]` bytes are frame `frames[i]`."""

    object_key: str
    content_type: str
    frames: list[int]
    sizes: list[int]


class RenderFrames(MediumQuestion[FrameStrip], to="frames", timeout_s=120.0):
    """At most 100 exact frames at full size, decoded from the source. The caller deletes the strip after reading it."""

    frames: list[Frame] = Field(min_length=1, max_length=100)
    format: Literal["jpeg", "png"] = "jpeg"
