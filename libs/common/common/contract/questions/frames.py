"""What frames is asked: clips and pictures."""

from typing import Literal

from pydantic import Field

from common.contract.labels import Frame, Id
from common.contract.model import Model
from common.contract.questions.question import Question


class ClipRendition(Model):
    """Where a rendition of a clip lies: the index and the samples."""

    clip: int
    first: Frame
    last: Frame
    rendition: str
    index_key: str
    samples_key: str


class ClipList(Model):
    """The clips of a medium that can be shown, in order, each in one rendition."""

    clips: list[ClipRendition]


class ListClips(Question[ClipList]):
    """Which clips of a medium can be shown, and in which rendition: the one that people seek in quickly, or the one
    with most of the source's detail, which is also the same at any time."""

    to = "frames"

    project_id: Id
    media_id: Id
    purpose: Literal["seeking", "detail"] = "seeking"


class Picture(Model):
    """A picture in S3."""

    object_key: str
    content_type: str
    width: int
    height: int


class RenderFrame(Question[Picture]):
    """One exact frame, decoded from the source, as a picture of at most `width` pixels."""

    to = "frames"
    timeout_s = 30.0

    project_id: Id
    media_id: Id
    frame: Frame
    format: Literal["jpeg", "png", "webp"] = "jpeg"
    width: int | None = Field(default=None, ge=16, le=16_384)


class FrameStrip(Model):
    """Several pictures in one object: `sizes[i]` bytes of frame `frames[i]`, one after the other."""

    object_key: str
    content_type: str
    frames: list[int]
    sizes: list[int]


class RenderFrames(Question[FrameStrip]):
    """At most 100 exact frames at full size, decoded from the source; the asker deletes the strip when read."""

    to = "frames"
    timeout_s = 120.0

    project_id: Id
    media_id: Id
    frames: list[Frame] = Field(min_length=1, max_length=100)
    format: Literal["jpeg", "png"] = "jpeg"
