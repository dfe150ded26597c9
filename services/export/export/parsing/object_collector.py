"""Collects the detections of formats that describe objects image by image, and links them into objects."""

from collections import defaultdict
from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from common.contract.errors import Reason
from common.contract.questions import SkippedRow
from export.parsing.detections import Detection, build_object
from export.parsing.media_index import MatchedFrame, MediaIndex, NoMatch, TargetMedium
from export.parsing.reader import Parsed
from export.parsing.reasons import skipped_for


class UnmatchedFrame(NamedTuple):
    """An image that is not a frame of any medium, and why."""

    where: str
    reason: Reason


class _Key(NamedTuple):
    """The identity of a track."""

    target: TargetMedium
    category: str
    track: Hashable


@dataclass(slots=True)
class _Track:
    """The detections of a track and its further fields."""

    type_name: str | None
    more: Mapping[str, Any]
    seen: list[Detection] = field(default_factory=list)


class ObjectCollector:
    """Turns detections into objects: those of images at once, tracks of videos when their frames end."""

    def __init__(self, media: MediaIndex) -> None:
        self._media = media
        self._matches: dict[tuple[str, int | None], MatchedFrame | UnmatchedFrame] = {}
        self._there: defaultdict[str, set[int]] = defaultdict(set)
        self._tracks: dict[_Key, _Track] = {}
        self._misses: dict[UnmatchedFrame, int] = {}

    def match(self, path: str, number: int | None = None, where: str = "") -> MatchedFrame | UnmatchedFrame:
        """The frame of an image path; it counts as present in the archive. `number` is the frame number beside the
        path, `where` the image's location for people."""
        known = self._matches.get((path, number))
        if known is None:
            found = self._media.frame(path, number)
            known = UnmatchedFrame(where or path, found.reason) if isinstance(found, NoMatch) else found
            self._matches[path, number] = known
            if isinstance(known, MatchedFrame):
                self._there[known.medium.id].add(known.frame)
        return known

    def add(
        self,
        place: MatchedFrame | UnmatchedFrame,
        category: str,
        detection: Detection,
        *,
        track: Hashable | None = None,
        type_name: str | None = None,
        **more: Any,
    ) -> Iterator[Parsed]:
        """Add a detection: an object at once, or part of a video's `track` until `finish_tracks`.

        The detection gets the matched frame. `more` are further fields of `ImportedObject`; the first detection of a
        track decides.

        Raises:
            ValueError: the data does not follow the format.
        """
        if isinstance(place, UnmatchedFrame):
            self._misses[place] = self._misses.get(place, 0) + 1
            return
        seen = detection._replace(frame=place.frame)
        if track is None or place.medium.kind == "image":
            yield build_object(place.medium, category, [seen], type_name, **more)
            return
        key = _Key(place.medium, category, track)
        if key not in self._tracks:
            self._tracks[key] = _Track(type_name, more)
        self._tracks[key].seen.append(seen)

    def finish_tracks(self) -> Iterator[Parsed]:
        """The objects of all tracks so far, once no more frames of their medium follow."""
        there = {media_id: sorted(self._there[media_id]) for media_id in {key.target.id for key in self._tracks}}
        for key, track in self._tracks.items():
            try:
                frames = there[key.target.id]
                yield build_object(key.target, key.category, track.seen, track.type_name, frames, **track.more)
            except ValueError as error:
                yield skipped_for(track.seen[0].where, error)
        self._tracks.clear()

    def finish(self) -> Iterator[Parsed]:
        """The remaining tracks, and one skipped row per unmatched image with the number of its labels."""
        yield from self.finish_tracks()
        for missing, count in self._misses.items():
            yield SkippedRow(where=missing.where, reason=missing.reason, count=count)
