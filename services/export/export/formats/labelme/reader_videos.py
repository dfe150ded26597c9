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
    detections: list[tuple[MatchedFrame, Detection]] = field(default_factory=list)


class Video:
    """The pieces of a video's frames."""

    def __init__(self, collector: ObjectCollector) -> None:
        self._collector = collector
        self._tracks: dict[Hashable, _Track] = {}
        self._parents: dict[Hashable, Hashable] = {}
        self._count = 0

    def add(self, matched: MatchedFrame, pieces: Sequence[Piece]) -> None:
        """Add the pieces of a file. Polygons of a track on one frame are merged; shapes of other kinds are separate
        objects."""
        first_nodes: dict[str, Hashable] = {}
        by_kind: dict[Hashable, Piece] = {}
        for piece in pieces:
            self._count += 1
            node: Hashable = self._count if piece.track is None else piece.track
            if piece.group is not None:
                self._union(first_nodes.setdefault(piece.group, node), node)
            shape = piece.detection.geometry
            key = node, piece.label, shape.kind
            first = by_kind.setdefault(key, piece)
            if first is piece:
                track = self._tracks.setdefault(key, _Track(piece, node))
                track.detections.append((matched, piece.detection._replace(frame=matched.frame)))
            elif isinstance(shape, Polygon) and isinstance(first.detection.geometry, Polygon):
                first.detection.geometry.parts.extend(shape.parts)

    def objects(self) -> Iterator[Parsed]:
        """The objects; tracks follow when they are finished."""
        groups: dict[Hashable, set[Hashable]] = {}
        for node in self._parents:
            groups.setdefault(self._root(node), set()).add(node)
        for key, track in self._tracks.items():
            first = self._root(track.node)
            medium = track.detections[0][0].medium.id
            several = len(groups.get(first, ())) > 1
            group = {"group": stable_id("group", medium, str(first))} if several else {}
            yield from self._object(key if track.piece.track is not None else None, track, group)

    def _object(self, key: Hashable, track: _Track, group: dict[str, Any]) -> Iterator[Parsed]:
        matches = {matched.frame: matched for matched, _ in reversed(track.detections)}
        detections = {detection.frame: detection for _, detection in reversed(track.detections)}
        label, type_name = track.piece.label, track.piece.type_name
        try:
            for detection in with_required_keyframes(sorted(detections.values(), key=attrgetter("frame"))):
                yield from self._collector.add(
                    matches[detection.frame], label, detection, track=key, type_name=type_name, **group
                )
        except MALFORMED as error:
            yield skipped_for(track.piece.detection.where, error)

    def _union(self, first: Hashable, second: Hashable) -> None:
        self._parents.setdefault(first, first)
        self._parents.setdefault(second, second)
        self._parents[self._root(second)] = self._root(first)

    def _root(self, node: Hashable) -> Hashable:
        """The representative of a group (union-find)."""
        path = []
        while (parent := self._parents.get(node, node)) != node:
            path.append(node)
            node = parent
        self._parents.update(dict.fromkeys(path, node))
        return node
