"""Objects from tables with one row per object and frame."""

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
    """The detections of an object and its further fields."""

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
        """Add an object on a frame; `more` are further fields of `ImportedObject`, the first row of an object
        decides."""
        key = category, detection.geometry.kind, key
        if key not in self._tracks:
            self._tracks[key] = _Track(category, type_name, more)
        self._tracks[key].seen.append(detection)
        self._first = detection.frame if self._first is None else self._first
        self._step = gcd(self._step, detection.frame - self._first)

    def finish_tracks(self) -> Iterator[Parsed]:
        """All objects. They are out of view on frames without a row: on all frames, or on every n-th if the table
        has only those."""
        step = self._step or 1
        frames: Sequence[int] = range((self._first or 0) % step, self.medium.frame_count, step)
        for track in self._tracks.values():
            try:
                yield build_object(self.medium, track.category, track.seen, track.type_name, frames, **track.more)
            except ValueError as error:
                yield skipped_for(track.seen[0].where, error)
        self._tracks.clear()
