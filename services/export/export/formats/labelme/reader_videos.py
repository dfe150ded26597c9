"""Joins the frames of a video in LabelMe XML: tracks, multi-part polygons and groups."""

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any, NamedTuple

from common.geometry.types import Polygon
from common.service.ids import stable_id
from export.formats.labelme.reader_keyframes import with_required_keyframes
from export.parsing.detections import Detection
from export.parsing.media_index import MatchedFrame
from export.parsing.object_collector import ObjectCollector
from export.parsing.reader import Parsed
from export.parsing.reasons import MALFORMED, skipped_for


class Piece(NamedTuple):
    """An object of a file; `group` is the id of its group's first object, if it has a group."""

    label: str
    type_name: str | None
    track: str | None
    group: str | None
    detection: Detection


@dataclass(slots=True)
class _Track:
    """The detections of an object."""

    piece: Piece
    node: Hashable
    seen: list[tuple[MatchedFrame, Detection]] = field(default_factory=list)


class Video:
    """The pieces of a video's frames."""

    def __init__(self, collector: ObjectCollector) -> None:
        self._collector = collector
        self._tracks: dict[Hashable, _Track] = {}
        self._parents: dict[Hashable, Hashable] = {}
        self._count = 0

    def add(self, matched: MatchedFrame, pieces: Sequence[Piece]) -> None:
        """Add the pieces of a file. Polygons of a track on one frame are joined; shapes of another kind are separate
        objects."""
        firsts: dict[str, Hashable] = {}
        drawn: dict[Hashable, Piece] = {}
        for piece in pieces:
            self._count += 1
            node: Hashable = self._count if piece.track is None else piece.track
            if piece.group is not None:
                self._join(firsts.setdefault(piece.group, node), node)
            shape = piece.detection.geometry
            key = node, piece.label, shape.kind
            before = drawn.setdefault(key, piece)
            if before is piece:
                track = self._tracks.setdefault(key, _Track(piece, node))
                track.seen.append((matched, piece.detection._replace(frame=matched.frame)))
            elif isinstance(shape, Polygon) and isinstance(before.detection.geometry, Polygon):
                before.detection.geometry.parts.extend(shape.parts)

    def objects(self) -> Iterator[Parsed]:
        """The objects; tracks follow when they are finished."""
        groups: dict[Hashable, set[Hashable]] = {}
        for node in self._parents:
            groups.setdefault(self._first(node), set()).add(node)
        for key, track in self._tracks.items():
            first = self._first(track.node)
            medium = track.seen[0][0].medium.id
            several = len(groups.get(first, ())) > 1
            given = {"group": stable_id("group", medium, str(first))} if several else {}
            yield from self._object(key if track.piece.track is not None else None, track, given)

    def _object(self, key: Hashable, track: _Track, given: dict[str, Any]) -> Iterator[Parsed]:
        matches = {matched.frame: matched for matched, _ in reversed(track.seen)}
        seen = {one.frame: one for _, one in reversed(track.seen)}
        label, type_name = track.piece.label, track.piece.type_name
        try:
            for one in with_required_keyframes(sorted(seen.values(), key=attrgetter("frame"))):
                yield from self._collector.add(matches[one.frame], label, one, track=key, type_name=type_name, **given)
        except MALFORMED as error:
            yield skipped_for(track.piece.detection.where, error)

    def _join(self, one: Hashable, other: Hashable) -> None:
        self._parents.setdefault(one, one)
        self._parents.setdefault(other, other)
        self._parents[self._first(other)] = self._first(one)

    def _first(self, node: Hashable) -> Hashable:
        """The representative of a group (union-find)."""
        path = []
        while (parent := self._parents.get(node, node)) != node:
            path.append(node)
            node = parent
        self._parents.update(dict.fromkeys(path, node))
        return node
