"""The opaque names of segments: `<clip>-<rendition>-<place>`."""

import re
from dataclasses import dataclass

from common.contract.clips import Rendition

_NAME = re.compile(r"(?P<clip>0|[1-9][0-9]{0,6})-(?P<rendition>copy|proxy|still)-(?P<place>0|[1-9][0-9]{0,6})")


@dataclass(frozen=True, slots=True)
class SegmentName:
    """One segment of one rendition of a clip."""

    clip: int
    rendition: Rendition
    place: int

    def __str__(self) -> str:
        return f"{self.clip}-{self.rendition}-{self.place}"

    @classmethod
    def parse(cls, text: str) -> "SegmentName | None":
        """The segment that `text` names, None if it is no such name."""
        found = _NAME.fullmatch(text)
        if found is None:
            return None
        rendition: Rendition = found["rendition"]  # type: ignore[assignment]
        return cls(int(found["clip"]), rendition, int(found["place"]))
