"""The opaque ids of segments: `<clip>-<rendition>-<index>`."""

import re
from dataclasses import dataclass

from common.contract.clips import Rendition

_NAME = re.compile(r"(?P<clip>0|[1-9][0-9]{0,6})-(?P<rendition>copy|proxy|still)-(?P<index>0|[1-9][0-9]{0,6})")


@dataclass(frozen=True, slots=True)
class SegmentName:
    """One segment of one rendition of a clip."""

    clip: int
    rendition: Rendition
    index: int

    def __str__(self) -> str:
        return f"{self.clip}-{self.rendition}-{self.index}"

    @classmethod
    def parse(cls, text: str) -> "SegmentName | None":
        """The segment named by `text`, None if it is malformed."""
        match = _NAME.fullmatch(text)
        if match is None:
            return None
        rendition: Rendition = match["rendition"]  # type: ignore[assignment]
        return cls(int(match["clip"]), rendition, int(match["index"]))
