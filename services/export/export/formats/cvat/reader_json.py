"""Reader of CVAT task annotations JSON: `LabeledData` as CVAT's API returns it and as task backups contain it.

The labels are declared in `labels.json`, in a backup in `task.json`.
"""

import re
from collections.abc import Iterator
from itertools import islice
from typing import Any

import orjson

from common.contract.questions import SkippedRow
from common.geometry.types import ImageTag
from export.formats.cvat.reader_lists import geometry_of, skeleton_keyframes
from export.formats.cvat.reader_pieces import GroupedPieces, Piece, merged
from export.formats.cvat.reader_shapes import source_of
from export.formats.cvat.reader_specs import Json, Labels
from export.formats.cvat.reader_tracks import ObjectHeader, Row, split_type, track_object
from export.parsing.archive_reader import ArchiveReader
from export.parsing.detections import Detection, build_object
from export.parsing.media_index import MediaIndex, NoMatch, TargetMedium
from export.parsing.reader import Parsed, Reader
from export.parsing.reasons import ReaderError, or_skipped, skipped
from export.parsing.values import frame_numbers

_DECLARING = ("labels.json", "task.json", "project.json")
_LOOKED_AT = 4
_VERSION = re.compile(rb'"version"\s*:\s*\d')


def read(archive: ArchiveReader, media: MediaIndex) -> Iterator[Parsed]:
    """The objects of every file."""
    labels, names = Labels(), archive.names_ending(".json") or list(islice(archive.names, 1))
    raw = {name: _parsed(archive, name) for name in names if _declares(name)}
    for name, document in raw.items():
        yield from labels.declare(name, document)
    tasks = [str(document["name"]) for document in raw.values() if isinstance(document, dict) and document.get("name")]
    for name in names:
        if _declares(name):
            continue
        documents = _parsed(archive, name)
        parts = documents if isinstance(documents, list) else [documents]
        if not parts or not all(
            isinstance(document, dict) and {"shapes", "tracks", "tags"} & document.keys() for document in parts
        ):
            yield skipped(name, "not_this_format", format="CVAT JSON")
            continue
        target = _target(name, tasks, media)
        if isinstance(target, NoMatch):
            yield SkippedRow(where=name, reason=target.reason)
            continue
        for document in parts:
            yield from _Document(name, target, labels).objects(document)


def detect(archive: ArchiveReader) -> float:
    """A file with shapes and a numeric version, and one that declares labels."""
    names = archive.names_ending(".json") or list(islice(archive.names, 1))
    for name in islice((name for name in names if not _declares(name)), _LOOKED_AT):
        head = archive.head(name)
        if _VERSION.search(head[:200]) and b'"shapes"' in head and b'"imagePath"' not in head:
            return 0.97 if any(map(_declares, names)) else 0.8
    return 0.0


READER = Reader(read, detect)


def _declares(name: str) -> bool:
    *folders, last = name.split("/")
    return last in _DECLARING and "annotations" not in folders


def _parsed(archive: ArchiveReader, name: str) -> Any:
    try:
        return orjson.loads(archive.read(name))
    except orjson.JSONDecodeError:
        return None


def _target(name: str, tasks: list[str], media: MediaIndex) -> TargetMedium | NoMatch:
    """The medium that the file is named after, else that of the task, else the only video."""
    named_after = media.named_by_label_file(name)
    if isinstance(named_after, TargetMedium) or not name.lower().endswith("annotations.json"):
        return named_after
    named = [media.named(task) for task in tasks]
    videos = [candidate for candidate in media.all if candidate.kind == "video"]
    task_medium = next((candidate for candidate in named if isinstance(candidate, TargetMedium)), None)
    return task_medium or (videos[0] if len(videos) == 1 else named_after)


class _Document:
    """The annotations of one medium."""

    def __init__(self, name: str, target: TargetMedium, labels: Labels) -> None:
        self._name = name
        self._target = target
        self._labels = labels
        self._grouped = GroupedPieces()
        self._tags: dict[str, list[Piece]] = {}

    def objects(self, document: Json) -> Iterator[Parsed]:
        """Objects in file order, then tags of videos and grouped masks."""
        kinds = {"shapes": self._shape, "tracks": self._track, "tags": self._tag}
        for part, read in kinds.items():
            rows = document.get(part)
            for number, row in enumerate(rows if isinstance(rows, list) else [], 1):
                where = f"{self._name}, {part} {number}"
                yield from or_skipped(where, read, where, row)
        for pieces in self._grouped.objects():
            yield from or_skipped(pieces[0].header.where, merged, pieces)
        for tags in self._tags.values():
            yield from or_skipped(tags[0].header.where, self._single, tags)

    def _shape(self, where: str, row: Json) -> Iterator[Parsed]:
        header, attributes = self._header(where, row, row)
        geometry, score = geometry_of(row, self._labels.of(row)), row.get("score")
        shape = Row(
            self._frame(row),
            geometry,
            occluded=bool(row.get("occluded")),
            attributes=attributes,
            score=None if score is None else float(score),
        )
        piece = Piece(header, shape)
        if not self._grouped.hold(piece):
            yield from self._single([piece])

    def _tag(self, where: str, row: Json) -> Iterator[Parsed]:
        header, attributes = self._header(where, row, row)
        tag = Piece(header, Row(self._frame(row), ImageTag(), is_key=False, attributes=attributes))
        self._grouped.count(header)
        if self._target.kind == "image":
            yield from self._single([tag])
        else:
            self._tags.setdefault(header.category, []).append(tag)

    def _track(self, where: str, row: Json) -> Iterator[Parsed]:
        shapes = sorted((keyframe for keyframe in row["shapes"]), key=lambda keyframe: int(keyframe["frame"]))
        if row.get("elements"):
            shapes = skeleton_keyframes(shapes, row["elements"])
        header, held = self._header(where, row, shapes[0])
        rows: list[Row] = []
        for keyframe in shapes:
            geometry = geometry_of(keyframe, self._labels.of(row))
            type_name, changed = split_type(self._labels.of(row).attributes(keyframe.get("attributes") or ()))
            header = header._replace(type=header.type or type_name)
            held = {**held, **changed}
            frame, outside = self._frame(keyframe, is_end=bool(keyframe.get("outside"))), bool(keyframe.get("outside"))
            rows.append(Row(frame, geometry, outside=outside, occluded=bool(keyframe.get("occluded")), attributes=held))
        self._grouped.count(header)
        yield track_object(header, rows)

    def _header(self, where: str, row: Json, first: Json) -> tuple[ObjectHeader, dict[str, Any]]:
        label = self._labels.of(row)
        type_name, attributes = split_type(label.attributes(row.get("attributes") or ()))
        group, source = int(row.get("group") or 0), source_of(row.get("source"))
        z_order = int(first.get("z_order") or 0)
        return ObjectHeader(where, self._target, label.name, type_name, source, z_order, group or None), attributes

    def _single(self, pieces: list[Piece]) -> Iterator[Parsed]:
        header = pieces[0].header
        detections = [
            Detection(
                header.where,
                row.geometry,
                is_key=row.is_key,
                occluded=row.occluded,
                score=row.score,
                attributes=row.attributes,
                frame=row.frame,
                source=header.source,
            )
            for _, row in pieces
        ]
        yield build_object(header.target, header.category, detections, header.type, **header.fields)

    def _frame(self, row: Json, *, is_end: bool = False) -> int:
        (frame,) = frame_numbers([row["frame"]])
        if not 0 <= frame < self._target.frame_count + is_end:
            raise ReaderError("no_such_frame", file=self._target.name, frame=frame, count=self._target.frame_count)
        return frame
