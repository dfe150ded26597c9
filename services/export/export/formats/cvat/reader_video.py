"""The `<track>` elements of CVAT XML."""

from collections import Counter
from collections.abc import Iterator, Mapping
from xml.etree.ElementTree import Element

from common.contract.errors import reason_for
from common.contract.questions import SkippedRow
from common.geometry.types import Bitmap, Geometry, Polygon, Skeleton
from export.formats.cvat.reader_head import Head, Task
from export.formats.cvat.reader_pieces import GroupedPieces, Piece, merged
from export.formats.cvat.reader_shapes import attributes_of, flag, geometry_of, keypoints_with_outside, source_of
from export.formats.cvat.reader_tracks import ObjectHeader, Row, split_type, track_object
from export.parsing.media_index import MediaIndex, NoMatch, TargetMedium
from export.parsing.reader import Parsed
from export.parsing.reasons import MALFORMED, ReaderError, or_skipped, skipped, skipped_for


class Tracks:
    """Reads the tracks of one file."""

    def __init__(self, name: str, media: MediaIndex) -> None:
        self._name = name
        self._media = media
        self._targets: dict[tuple[Task, bool], TargetMedium | NoMatch] = {}
        self._misses: Counter[tuple[str, NoMatch]] = Counter()
        self._owner: tuple[str, str] | None = None
        self._pieces: list[Piece] = []
        self._grouped = GroupedPieces()

    def read(self, track: Element, head: Head) -> Iterator[Parsed]:
        """The object of a track, once no following track can belong to it."""
        where = f"{self._name}, track {track.get('id', '?')}"
        task = head.task(track.get("task_id"))
        target = self._target(task, is_only=len(head.tasks) < 2)
        part = track.get("part_of")
        owner = None if part is None or isinstance(target, NoMatch) else (target.id, part)
        if owner != self._owner:
            yield from self._ended()
        if isinstance(target, NoMatch):
            self._misses[f"{self._name}, task {' / '.join(task.names)}" if task.names else self._name, target] += 1
            return
        yield from or_skipped(where, self._object, where, track, target, head, owner)

    def finish(self) -> Iterator[Parsed]:
        """The remaining objects, and tracks without a matching medium."""
        yield from self._ended()
        for pieces in self._grouped.objects():
            yield from or_skipped(pieces[0].header.where, merged, pieces)
        for (where, miss), count in self._misses.items():
            yield SkippedRow(where=where, reason=miss.reason, count=count)

    def _object(
        self, where: str, track: Element, target: TargetMedium, head: Head, owner: tuple[str, str] | None
    ) -> Iterator[Parsed]:
        label = track.attrib["label"]
        rows: list[Row] = []
        for shape in track:
            try:
                rows += self._row(shape, rows, target, head.kinds_of(label))
            except MALFORMED as error:
                yield skipped_for(f"{where}, frame {shape.get('frame', '?')}", error)
        visible = [row for row in rows if not row.outside]
        if not visible:
            yield skipped(where, "object_never_visible")
            return
        header = _header(where, track, target, split_type(dict(visible[0].attributes))[0])
        rows = [row._replace(attributes=split_type(dict(row.attributes))[1]) for row in rows]
        piece = Piece(header, next(row for row in rows if not row.outside))
        if owner is not None and len(visible) == 1 and isinstance(visible[0].geometry, Bitmap | Polygon):
            self._owner = owner
            self._pieces.append(piece)
        elif len(visible) > 1 or not self._grouped.hold(piece):
            self._grouped.count(header)
            yield track_object(header, rows)

    def _row(self, shape: Element, before: list[Row], target: TargetMedium, kinds: Mapping[str, str]) -> list[Row]:
        """A track on one frame; empty for the end marker after the last frame."""
        frame = int(shape.attrib["frame"])
        outside, is_key = flag(shape, "outside"), flag(shape, "keyframe", "1")
        if frame == target.frame_count and outside:
            return []
        if not 0 <= frame < target.frame_count:
            raise ReaderError("no_such_frame", file=target.name, frame=frame, count=target.frame_count)
        if shape.tag == "skeleton":
            geometry, is_seen = _skeleton(shape, before[-1].geometry if before else None)
            outside = outside or not is_seen
            is_key = is_key or any(flag(child, "keyframe") for child in shape if child.tag == "points")
        else:
            geometry = geometry_of(shape)
        if before and before[0].geometry.kind != geometry.kind:
            raise ReaderError("track_changes_shape", kind=before[0].geometry.kind)
        return [Row(frame, geometry, is_key, outside, flag(shape, "occluded"), attributes_of(shape, kinds))]

    def _ended(self) -> Iterator[Parsed]:
        pieces, self._pieces, self._owner = self._pieces, [], None
        if pieces:
            yield from or_skipped(pieces[0].header.where, merged, pieces)

    def _target(self, task: Task, *, is_only: bool) -> TargetMedium | NoMatch:
        """The medium of a task by name, or the only video if the task has no name."""
        key = task, is_only
        if key not in self._targets:
            self._targets[key] = self._find(task, is_only)
        return self._targets[key]

    def _find(self, task: Task, is_only: bool) -> TargetMedium | NoMatch:
        matches = [self._media.named(name) for name in task.names]
        matched = next((candidate for candidate in matches if isinstance(candidate, TargetMedium)), None)
        videos = [candidate for candidate in self._media.all if candidate.kind == "video"]
        if matched is None and is_only and not task.source and task.mode != "annotation" and len(videos) == 1:
            return videos[0]
        return matched or (matches[0] if matches else NoMatch(reason_for("file_not_named")))


def _header(where: str, track: Element, target: TargetMedium, type_name: str | None) -> ObjectHeader:
    shape, group = track[0], int(track.get("group_id", "0"))
    is_own = track.get("part_of") == track.get("group_id")
    return ObjectHeader(
        where,
        target,
        track.attrib["label"],
        type_name,
        source_of(track.get("source")),
        int(shape.get("z_order", "0")),
        None if group <= 0 or is_own else group,
    )


def _skeleton(shape: Element, previous: Geometry | None) -> tuple[Geometry, bool]:
    """A skeleton and whether it is visible; an invisible one stays where it was."""
    keypoints = list(keypoints_with_outside(shape))
    visible = [keypoint for keypoint, is_outside in keypoints if not is_outside]
    if not keypoints:
        raise ReaderError("points_missing")
    if not visible and previous is not None:
        return previous, False
    return Skeleton(keypoints=visible or [keypoint for keypoint, _ in keypoints]), bool(visible)
