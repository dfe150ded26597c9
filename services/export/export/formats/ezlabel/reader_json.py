"""Reader of ezLabel JSON, as written by Tracklane and compatible programs.

Only keyframes are read; if no frame is marked, all are keyframes. Frames count from 1.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import orjson

from common.contract.missions import Mission
from common.contract.questions import SkippedRow
from common.service.ids import is_id, stable_id
from export.parsing.archive_reader import ArchiveReader
from export.parsing.geometry_json import geometry_of, kind_of
from export.parsing.imported_object import ImportedObject
from export.parsing.media_index import MediaIndex, NoMatch, TargetMedium
from export.parsing.reader import DeclaredMission, Parsed, Reader
from export.parsing.reasons import ReaderError, skipped, skipped_for
from export.parsing.values import attribute_values, frame_numbers

Row = Mapping[str, Any]


def read(archive: ArchiveReader, media: MediaIndex) -> Iterator[Parsed]:
    """The objects of every label file."""
    for name in archive.names_ending(".json"):
        try:
            document = orjson.loads(archive.read(name))
        except orjson.JSONDecodeError:
            yield skipped(name, "invalid_json")
            continue
        if not isinstance(document, dict) or document.get("format") != "ezlabel-json":
            yield skipped(name, "not_this_format", format="ezLabel JSON")
        elif document.get("version", 1) != 1:
            yield skipped(
                name, "format_version_unsupported", format="ezLabel JSON", version=str(document["version"]), supported=1
            )
        else:
            yield from _document(name, document, media)


def detect(archive: ArchiveReader) -> float:
    """The format is named at the start of the file."""
    files = archive.names_ending(".json")[:1]
    head = archive.head(files[0])[:200].replace(b" ", b"") if files else b""
    return 1.0 if b'"format":"ezlabel-json"' in head else 0.0


READER = Reader(read, detect)


def _document(name: str, document: Row, media: MediaIndex) -> Iterator[Parsed]:
    media_fields = document.get("media")
    target = _target(name, media_fields if isinstance(media_fields, dict) else {}, media)
    if isinstance(target, NoMatch):
        yield SkippedRow(where=name, reason=target.reason)
        return
    for mission_fields in _listed(document, "missions"):
        try:
            yield DeclaredMission(Mission.model_validate({**mission_fields, "revision": 0, "builtin": False}))
        except (ValueError, TypeError) as error:
            yield skipped_for(f"{name}, missions", error)
    mission = document.get("mission")
    for part, number, row in _rows(document):
        where = f"{name}, {part} {number}"
        try:
            yield _object(where, row, target, mission if isinstance(mission, str) else None, media_fields)
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            yield skipped_for(where, error)


def _rows(document: Row) -> Iterator[tuple[str, int, Any]]:
    for part in ("objects", "labels"):
        for number, row in enumerate(_listed(document, part), 1):
            yield part, number, row


def _target(name: str, fields: Row, media: MediaIndex) -> TargetMedium | NoMatch:
    """The medium of a file: by its `media` field, or else by the file name."""
    medium_name = fields.get("name")
    ids = fields.get("id"), fields.get("sha256")
    by_name = media.named(str(medium_name), *ids) if medium_name else None
    if isinstance(by_name, TargetMedium):
        return by_name
    by_file = media.named_by_label_file(name)
    return by_file if by_name is None or isinstance(by_file, TargetMedium) else by_name


def _listed(document: Row, name: str) -> Iterable[Any]:
    rows = document.get(name)
    return rows if isinstance(rows, list) else []


def _object(where: str, fields: Row, target: TargetMedium, mission: str | None, media_fields: Any) -> ImportedObject:
    rows = [row for row in fields.get("frames") or [{"frame": 1}] if isinstance(row, dict)]
    if any("key" in row for row in rows):
        rows = [row for row in rows if row.get("key")]
    if not rows:
        raise ReaderError("object_without_frames")
    is_label = "frames" not in fields and "kind" not in fields and "annotation_type" not in fields
    kind = "label" if is_label else kind_of(fields, rows[0])
    optional = {
        name: fields[name] for name in ("source", "run_id", "model", "score", "z_order", "done") if name in fields
    }
    group, uid = fields.get("group"), fields.get("uid")
    return ImportedObject(
        where=where,
        media_id=target.id,
        mission=fields.get("mission") or mission,
        category=fields.get("category") or fields["name"],
        type=fields.get("type"),
        attributes=attribute_values(fields.get("attributes")),
        keyframes=[_keyframe(kind, row, str(fields.get("source", "import"))) for row in rows],
        behaviors=[_behavior(where, number, behavior) for number, behavior in enumerate(fields.get("behaviors") or [])],
        group=None if group is None else group if is_id(str(group)) else stable_id("group", str(group)),
        default=bool(fields.get("default")) and fields.get("preferred_at") is not None,
        ids=fields.get("ids") or {},
        uid=uid if isinstance(media_fields, dict) and media_fields.get("id") == target.id and is_id(str(uid)) else None,
        **optional,
    )


def _keyframe(kind: str, row: Row, source: str) -> Any:
    (frame,) = frame_numbers([row["frame"]])
    optional = {name: row[name] for name in ("outside", "occluded", "score", "keypoints") if row.get(name) is not None}
    return {
        "frame": frame - 1,
        "geometry": geometry_of(kind, row),
        "source": row.get("source", source),
        "attributes": attribute_values(row.get("attributes")),
        "rpy": row.get("angles"),
        **optional,
    }


def _behavior(where: str, number: int, row: Row) -> dict[str, Any]:
    first, last = frame_numbers([row["first"], row["last"]])
    behavior_id = row.get("id")
    return {
        "id": behavior_id if is_id(str(behavior_id)) else stable_id("behaviour", where, number),
        "name": row["type"],
        "attribute": row.get("attribute"),
        "first": first - 1,
        "last": last - 1,
    }
