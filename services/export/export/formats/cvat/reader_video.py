"""The `<track>` elements of CVAT XML."""

from collections import Counter
from collections.abc import Iterator, Mapping
from xml.etree.ElementTree import Element

from common.contract.errors import reason_for
from common.contract.questions import SkippedRow
from common.geometry.types import Bitmap, Geometry, Polygon, Skeleton
from export.formats.cvat.reader_head import Head, Task
from export.formats.cvat.reader_pieces import Loose, Piece, joined
from export.formats.cvat.reader_shapes import attributes_of, geometry_of, joints_of, says, source_of
from export.formats.cvat.reader_tracks import About, Row, tracked, typed
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
        self._loose = Loose()

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
        for pieces in self._loose.objects():
            yield from or_skipped(pieces[0].about.where, joined, pieces)
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
        seen = [row for row in rows if not row.outside]
        if not seen:
            yield skipped(where, "object_never_visible")
            return
        about = _about(where, track, target, typed(dict(seen[0].attributes))[0])
        rows = [row._replace(attributes=typed(dict(row.attributes))[1]) for row in rows]
        piece = Piece(about, next(row for row in rows if not row.outside))
        if owner is not None and len(seen) == 1 and isinstance(seen[0].geometry, Bitmap | Polygon):
            self._owner = owner
            self._pieces.append(piece)
        elif len(seen) > 1 or not self._loose.takes(piece):
            self._loose.see(about)
            yield tracked(about, rows)

    def _row(self, shape: Element, before: list[Row], target: TargetMedium, kinds: Mapping[str, str]) -> list[Row]:
        """A track on one frame; empty for the end marker after the last frame."""
        frame = int(shape.attrib["frame"])
        outside, is_key = says(shape, "outside"), says(shape, "keyframe", "1")
        if frame == target.frame_count and outside:
            return []
        if not 0 <= frame < target.frame_count:
            raise ReaderError("no_such_frame", file=target.name, frame=frame, count=target.frame_count)
        if shape.tag == "skeleton":
            geometry, is_seen = _skeleton(shape, before[-1].geometry if before else None)
            outside = outside or not is_seen
            is_key = is_key or any(says(one, "keyframe") for one in shape if one.tag == "points")
        else:
            geometry = geometry_of(shape)
        if before and before[0].geometry.kind != geometry.kind:
            raise ReaderError("track_changes_shape", kind=before[0].geometry.kind)
        return [Row(frame, geometry, is_key, outside, says(shape, "occluded"), attributes_of(shape, kinds))]

    def _ended(self) -> Iterator[Parsed]:
        pieces, self._pieces, self._owner = self._pieces, [], None
        if pieces:
            yield from or_skipped(pieces[0].about.where, joined, pieces)

    def _target(self, task: Task, *, is_only: bool) -> TargetMedium | NoMatch:
        """The medium of a task by name, or the only video if the task has no name."""
        key = task, is_only
        if key not in self._targets:
            self._targets[key] = self._find(task, is_only)
        return self._targets[key]

    def _find(self, task: Task, is_only: bool) -> TargetMedium | NoMatch:
        found = [self._media.named(name) for name in task.names]
        known = next((one for one in found if isinstance(one, TargetMedium)), None)
        videos = [one for one in self._media.all if one.kind == "video"]
        if known is None and is_only and not task.source and task.mode != "annotation" and len(videos) == 1:
            return videos[0]
        return known or (found[0] if found else NoMatch(reason_for("file_not_named")))


def _about(where: str, track: Element, target: TargetMedium, type_name: str | None) -> About:
    shape, group = track[0], int(track.get("group_id", "0"))
    is_own = track.get("part_of") == track.get("group_id")
    return About(
        where,
        target,
        track.attrib["label"],
        type_name,
        source_of(track.get("source")),
        int(shape.get("z_order", "0")),
        None if group <= 0 or is_own else group,
    )


def _skeleton(shape: Element, held: Geometry | None) -> tuple[Geometry, bool]:
    """A skeleton and whether it is visible; an invisible one stays where it was."""
    joints = list(joints_of(shape))
    shown = [keypoint for keypoint, is_outside in joints if not is_outside]
    if not joints:
        raise ReaderError("points_missing")
    if not shown and held is not None:
        return held, False
    return Skeleton(keypoints=shown or [keypoint for keypoint, _ in joints]), bool(shown)
