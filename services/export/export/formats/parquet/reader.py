"""Reader of Parquet: a table with one row per shape and frame, in an archive or as a single file.

Only `file` or `media_id`, `category` and the shape are required; columns may be in any order.
"""

import math
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, get_args

import orjson

from common.contract.labels import Behavior, Source
from common.contract.questions import SkippedRow
from common.geometry.types import Angles, Geometry, Keypoint
from common.service.ids import is_id, stable_id
from export.parsing.archive_reader import ArchiveReader
from export.parsing.detections import Detection
from export.parsing.geometry_json import geometry_of
from export.parsing.media_index import MediaIndex, NoMatch, TargetMedium
from export.parsing.reader import Parsed, Reader
from export.parsing.reasons import MALFORMED, ReaderError, skipped, skipped_for
from export.parsing.table_tracks import Tracks
from export.parsing.values import attribute_values, frame_numbers

_MAGIC = b"PAR1"
_SHAPES, _MEDIA = "shapes.parquet", "media.parquet"
_CORNERS = ("x1", "y1", "x2", "y2")
_SOURCES: tuple[Source, ...] = get_args(Source)
_BEHAVIOR = ("type", "attribute", "first", "last")
Row = Mapping[str, Any]


def read(archive: ArchiveReader, media: MediaIndex) -> Iterator[Parsed]:
    """The objects of every table of shapes."""
    # Arrow takes 50 MB of memory; imports of other formats must not load it.
    from export.formats.parquet.reader_rows import ParquetRows  # noqa: PLC0415

    for name in _tables(archive):
        try:
            rows = ParquetRows(archive.read(name))
            columns = set(rows.columns)
            if "category" in columns and {"file", "media_id"} & columns:
                yield from _Table(name, media, rows).objects()
            else:
                yield skipped(name, "columns_missing", columns="file, category")
        except ValueError as error:
            yield skipped_for(name, error)


def detect(archive: ArchiveReader) -> float:
    """A table of shapes by name, or any Parquet file."""
    names = [name for name in _tables(archive)[:1] if archive.head(name).startswith(_MAGIC)]
    return 0.0 if not names else 1.0 if names[0].endswith(_SHAPES) else 0.7


READER = Reader(read, detect)


def _tables(archive: ArchiveReader) -> list[str]:
    files = archive.names_ending(".parquet") or [name for name in archive.names if archive.head(name)[:4] == _MAGIC][:1]
    by_name = [name for name in files if name.rpartition("/")[2].lower() == _SHAPES]
    return by_name or [name for name in files if name.rpartition("/")[2].lower() != _MEDIA]


class _Table:
    """One table; objects are complete after the last row of their medium."""

    def __init__(self, name: str, media: MediaIndex, rows: Any) -> None:
        self._name = name
        self._media = media
        self._rows = rows
        self._open: dict[str, Tracks] = {}
        self._targets: dict[str, TargetMedium | NoMatch] = {}
        self._misses: Counter[tuple[str, NoMatch]] = Counter()

    def objects(self) -> Iterator[Parsed]:
        """The objects medium by medium, then media without a match."""
        ends = {_medium_of(row): number for number, row in self._rows.read("file", "media_id")}
        for number, row in self._rows.read():
            where = f"{self._name}, row {number}"
            medium = _medium_of(row)
            try:
                self._add(where, medium, row)
            except MALFORMED as error:
                yield skipped_for(where, error)
            if ends.get(medium) == number and medium in self._open:
                yield from self._open.pop(medium).finish_tracks()
        for (medium, miss), count in self._misses.items():
            file = medium.rpartition("\n")[2]
            yield SkippedRow(where=f"{self._name}, file {file}", reason=miss.reason, count=count)

    def _add(self, where: str, medium: str, row: Row) -> None:
        if medium not in self._targets:
            self._targets[medium] = self._media.named(str(row.get("file") or ""), _text(row, "media_id"))
        target = self._targets[medium]
        if isinstance(target, NoMatch):
            self._misses[medium, target] += 1
            return
        if medium not in self._open:
            self._open[medium] = Tracks(target)
        uid, track = _text(row, "object_id"), row.get("track")
        key = uid or (where if track is None else track)
        category = _text(row, "category")
        if category is None:
            raise ReaderError("field_missing", field="category")
        uid_field = {"uid": uid} if uid and is_id(uid) and row.get("media_id") == target.id else {}
        self._open[medium].add(
            key,
            category,
            _detection(where, row, target),
            _text(row, "type"),
            **_object_fields(row, str(key)),
            **uid_field,
        )


def _medium_of(row: Row) -> str:
    return f"{row.get('media_id') or ''}\n{row.get('file') or ''}"


def _text(row: Row, name: str) -> str | None:
    value = row.get(name)
    if value is not None and not isinstance(value, str):
        raise ReaderError("field_not_text", field=name)
    return value or None


def _detection(where: str, row: Row, target: TargetMedium) -> Detection:
    (frame,) = frame_numbers([row.get("frame") or 0]) if target.kind == "video" else (0,)
    if not 0 <= frame < target.frame_count:
        raise ReaderError("no_such_frame", file=target.name, frame=frame, count=target.frame_count)
    angles, keypoints = _json(_text(row, "angles")), _json(_text(row, "keypoints"))
    return Detection(
        where,
        _geometry(row),
        is_key=row.get("is_key") is not False,
        occluded=row.get("occluded") is True,
        score=_score(row.get("score")),
        attributes=attribute_values(_json(_text(row, "attributes"))),
        frame=frame,
        source=_source(row.get("source")),
        keypoints=[Keypoint.model_validate(point) for point in keypoints or ()],
        rpy=None if angles is None else Angles.model_validate(angles),
    )


def _geometry(row: Row) -> Geometry:
    kind, fields = _text(row, "annotation_type") or "bbox", _json(_text(row, "geometry"))
    if kind == "bbox" and not fields:
        fields = {"bbox": [row[name] for name in _CORNERS], "rotation": row.get("rotation") or 0.0}
    geometry: Geometry = geometry_of(kind, fields or {})
    return geometry


def _source(fields: Any) -> Source:
    return next((source for source in _SOURCES if source == fields), "import")


def _score(score: Any) -> float | None:
    if score is None or math.isnan(score):
        return None
    if not 0 <= score <= 1:
        raise ReaderError("score_out_of_range", value=score)
    return float(score)


def _object_fields(row: Row, key: str) -> dict[str, Any]:
    """The fields of a row that belong to the whole object."""
    group, run_id = _text(row, "group"), _text(row, "run_id")
    return {
        "mission": _text(row, "mission"),
        "behaviors": _behaviors(_text(row, "behaviors"), key),
        "source": _source(row.get("object_source")),
        "model": _text(row, "model"),
        "run_id": run_id if run_id and is_id(run_id) else None,
        "group": None if group is None else group if is_id(group) else stable_id("group", group),
        "z_order": int(row.get("z_order") or 0),
        "done": row.get("done") is True,
        "default": row.get("is_default") is True,
    }


@lru_cache(1024)
def _json(text: str | None) -> Any:
    return None if text is None else orjson.loads(text)


@lru_cache(1024)
def _behaviors(text: str | None, key: str) -> list[Behavior]:
    return [
        Behavior(id=stable_id("behaviour", key, number), **dict(zip(("name", *_BEHAVIOR[1:]), fields, strict=True)))
        for number, fields in enumerate([behavior[name] for name in _BEHAVIOR] for behavior in _json(text) or ())
    ]
