"""Clip indexes as JSON."""

from pydantic import BaseModel

from common.contract.clips import ClipIndex, Rendition, Segment
from common.contract.labels import Frame


class ClipJson(BaseModel):
    """A playable clip: frames first…last in its best rendition."""

    clip: int
    first: Frame
    last: Frame
    rendition: Rendition


class MediaIndex(BaseModel):
    """The playable clips. With `?clip=`, the response is the index of that clip instead."""

    clips: list[ClipJson]


class SegmentJson(Segment):
    """A segment with the id of its bytes: `/media/{m}/gops/{id}`."""

    id: str


class ClipIndexJson(ClipIndex):
    """The position and time of every frame of a clip."""

    segments: list[SegmentJson]  # type: ignore[assignment]
