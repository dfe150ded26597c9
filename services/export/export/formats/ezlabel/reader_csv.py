"""Reader of ezLabel CSV: one row per object and frame, in an archive or as a single file.

Only `file`, `category` and the shape are required; columns may be in any order.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, get_args

from common.contract.labels import Source
from common.contract.questions import SkippedRow
from export.formats.ezlabel.reader_behaviors import BehaviorMerger, BehaviorRow
from export.formats.ezlabel.reader_point_lists import geometry_of
from export.parsing.archive_reader import ArchiveReader
from export.parsing.csv_rows import csv_rows, untabbed
from export.parsing.detections import Detection
from export.parsing.media_index import MediaIndex, NoMatch, TargetMedium
from export.parsing.reader import Parsed, Reader
from export.parsing.reasons import MALFORMED, ReaderError, skipped, skipped_for
from export.parsing.table_tracks import Tracks
from export.parsing.values import parse_value

_SOURCES = frozenset(get_args(Source))
_EDGES = ("xmin", "ymin", "xmax", "ymax")
_NO = ("0", "false", "no")
# The text between two unescaped separators; a backslash escapes any character.
_PART, _NAME = (re.compile(rf"(?:\\.|[^\\{mark}]|\\$)*", re.DOTALL) for mark in (";", "="))
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
Row = Mapping[str, str]


def read(archive: ArchiveReader, media: MediaIndex) -> Iterator[Parsed]:
    """The objects of every table."""
    for name in archive.names_ending(".csv"):
        content = archive.read(name)
        head = _head(content)
        if not _is_ezlabel(head):
            yield skipped(name, "columns_missing", columns="file, category")
            continue
        yield from _Table(name, media, head, content).objects()


def detect(archive: ArchiveReader) -> float:
    """The header names ezLabel's columns."""
    files = archive.names_ending(".csv")[:3]
    heads = [_head(archive.head(name)) for name in files]
    if any(_is_ezlabel(head) and {"annotation_type", "xmin"} <= set(head) for head in heads):
        return 1.0
    return 0.0


READER = Reader(read, detect)


def _head(content: bytes) -> list[str]:
    _, row = next(csv_rows(content[:4096]), (0, []))
    return [untabbed(name).strip().lower() for name in row]


def _is_ezlabel(head: list[str]) -> bool:
    return {"file", "category"} <= set(head)


class _Table:
    """One table; objects are complete after the last row of their file."""

    def __init__(self, name: str, media: MediaIndex, head: list[str], content: bytes) -> None:
        self._name = name
        self._media = media
        self._head = head
        self._content = content
        self._ends = {row.get("file", ""): number for number, row in self._rows()}
        self._open: dict[str, tuple[Tracks, BehaviorMerger]] = {}
        self._targets: dict[str, TargetMedium | NoMatch] = {}
        self._misses: Counter[tuple[str, NoMatch]] = Counter()

    def objects(self) -> Iterator[Parsed]:
        """The objects file by file, then files without a match."""
        for number, row in self._rows():
            where = f"{self._name}, row {number}"
            try:
                self._add(where, row)
            except MALFORMED as error:
                yield skipped_for(where, error)
            file = row.get("file", "")
            if self._ends[file] == number and file in self._open:
                tracks, _ = self._open.pop(file)
                yield from tracks.finish_tracks()
        for (file, miss), count in self._misses.items():
            yield SkippedRow(where=f"{self._name}, file {file}", reason=miss.reason, count=count)

    def _rows(self) -> Iterator[tuple[int, Row]]:
        rows = csv_rows(self._content)
        next(rows, None)
        for number, cells in rows:
            yield number, dict(zip(self._head, map(untabbed, cells), strict=False))

    def _add(self, where: str, row: Row) -> None:
        file = row["file"]
        if file not in self._targets:
            self._targets[file] = self._media.named(file)
        target = self._targets[file]
        if isinstance(target, NoMatch):
            self._misses[file, target] += 1
            return
        if not row["category"]:
            raise ReaderError("field_missing", field="category")
        if file not in self._open:
            self._open[file] = Tracks(target), BehaviorMerger()
        tracks, behaviors = self._open[file]
        detection = _detection(where, row, target)
        key = row.get("object_id") or where
        tracks.add(
            key,
            row["category"],
            detection,
            row.get("type") or None,
            mission=row.get("mission") or None,
            behaviors=behaviors.merge((key, row["category"], detection.geometry.kind), where, _behaviors(row)),
        )


def _detection(where: str, row: Row, target: TargetMedium) -> Detection:
    frame = int(row.get("frame") or 1) - 1 if target.kind == "video" else 0
    if not 0 <= frame < target.frame_count:
        raise ReaderError("no_such_frame", file=target.name, frame=frame + 1, count=target.frame_count)
    edges = [row.get(edge, "") for edge in _EDGES]
    box = [float(edge) for edge in edges] if all(edges) else None
    attributes = {name: parse_value(value) for name, value in _attributes(row.get("attributes", ""))}
    source, score = row.get("source", ""), row.get("score", "")
    source_field: dict[str, Any] = {"source": source} if source in _SOURCES else {}
    return Detection(
        where,
        geometry_of(row.get("annotation_type", ""), box, row.get("points", "")),
        is_key=row.get("is_key", "").lower() not in _NO,
        occluded=attributes.pop("occluded", False) is True,
        score=_score(score) if score else None,
        attributes=attributes,
        frame=frame,
        **source_field,
    )


def _score(text: str) -> float:
    score = float(text)
    if not 0 <= score <= 1:
        raise ReaderError("score_out_of_range", value=text[:100])
    return score


def _behaviors(row: Row) -> Iterator[BehaviorRow]:
    names = row.get("behavior_type", "")
    if not names:
        return
    columns = [_split(row.get(f"behavior_{field}", "")) for field in ("type", "attribute", "first", "last")]
    for name, attribute, first, last in zip(*columns, strict=True):
        yield BehaviorRow(_plain(name), _plain(attribute) or None, int(first) - 1, int(last) - 1)


@lru_cache(1024)
def _attributes(text: str) -> tuple[tuple[str, str], ...]:
    """Attributes written `name=value;name=value`."""
    pairs = []
    for pair in _split(text) if text else []:
        name = _NAME.match(pair)
        assert name is not None
        if name.end() == len(pair):
            raise ReaderError("not_a_name_value_pair", value=pair[:100])
        pairs.append((_plain(name[0]), _plain(pair[name.end() + 1 :])))
    return tuple(pairs)


def _split(text: str) -> list[str]:
    """The parts between unescaped semicolons."""
    parts, begin = [], 0
    while True:
        part = _PART.match(text, begin)
        assert part is not None
        parts.append(part[0])
        begin = part.end() + 1
        if begin > len(text):
            return parts


def _plain(text: str) -> str:
    return _ESCAPED.sub(r"\1", text)
