"""Objects from tables that tell every frame on which each of them is seen."""

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass, field
from math import gcd
from typing import Any

from export.parsing.detections import Detection, build_object
from export.parsing.media_index import TargetMedium
from export.parsing.reader import Parsed
from export.parsing.reasons import skipped_for


@dataclass(slots=True)
class _Track:
    """What is seen of an object, and what it is besides."""

    category: str
    type_name: str | None
    more: dict[str, Any]
    seen: list[Detection] = field(default_factory=list)


class Tracks:
    """The objects of one medium."""

    def __init__(self, medium: TargetMedium) -> None:
        self.medium = medium
        self._tracks: dict[Hashable, _Track] = {}
        self._first: int | None = None
        self._step = 0

    def add(
        self, key: Hashable, category: str, detection: Detection, type_name: str | None = None, **more: Any
    ) -> None:
        """An object on a frame; `more` are further fields of `ImportedObject`: those that come first count."""
        key = category, detection.geometry.kind, key
        if key not in self._tracks:
            self._tracks[key] = _Track(category, type_name, more)
        self._tracks[key].seen.append(detection)
        self._first = detection.frame if self._first is None else self._first
        self._step = gcd(self._step, detection.frame - self._first)

    def finish_tracks(self) -> Iterator[Parsed]:
        """All objects. They are out of view where they are not seen: on all frames, or if only every so many of them
        are in the table, on these."""
        step = self._step or 1
        frames: Sequence[int] = range((self._first or 0) % step, self.medium.frame_count, step)
        for track in self._tracks.values():
            try:
                yield build_object(self.medium, track.category, track.seen, track.type_name, frames, **track.more)
            except ValueError as error:
                yield skipped_for(track.seen[0].where, error)
        self._tracks.clear()
