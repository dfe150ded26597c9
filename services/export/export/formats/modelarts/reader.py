"""Reader of ModelArts manifests: one sample per line, with shapes in VOC XML.

A sample of a video gives the video and the time; the nearest frame is used. Without a manifest, label files beside the
images are read, as ModelArts imports them from a folder: `.txt` with one label per line, or `.xml`.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from common.contract.errors import reason_for
from common.geometry.types import ImageTag
from export.formats.modelarts.reader_files import TYPE, objects_beside, xml_objects
from export.parsing.archive_reader import ArchiveReader
from export.parsing.detections import Detection
from export.parsing.media_index import MatchedFrame, MediaIndex, TargetMedium
from export.parsing.object_collector import ObjectCollector, UnmatchedFrame
from export.parsing.reader import Parsed, Reader
from export.parsing.reasons import MALFORMED, ReaderError, or_skipped, skipped, skipped_for
from export.parsing.values import attribute_values, parse_value

Row = Mapping[str, Any]
_IMAGE_SUFFIXES = (".jpg", ".jpeg", ".png", ".bmp")
_TIMED = re.compile(r"^(?P<video>.+?)(?:/[^/]*)?_t(?P<seconds>\d{1,9}(?:\.\d{1,9})?)$")
_SCHEME = re.compile(r"^[a-z0-9]{1,10}://(?:[^/]*/)?", re.IGNORECASE)
_NUMBERS = re.compile(r"^[\s\d.,;:+-]*$")
_SAMPLE = re.compile(rb'^\s*\{.*"(?:source|annotation)"\s*:', re.DOTALL)
_VIDEO = 6
_SOME, _FEW, _LONGEST = 20, 4, 1000


def read(archive: ArchiveReader, media: MediaIndex) -> Iterator[Parsed]:
    """The labels of every sample; those of videos at the end of the manifest."""
    collector = ObjectCollector(media)
    manifests = archive.names_ending(".manifest")
    manifest = _Manifest(archive, _by_end(archive), media, collector)
    for name in manifests:
        for count, line in enumerate(archive.read(name).split(b"\n"), 1):
            if line.strip():
                yield from manifest.sample(f"{name}, line {count}", line)
        yield from collector.finish_tracks()
    if not manifests:
        for name in archive.names_ending(".txt", ".xml"):
            yield from objects_beside(archive, name, collector)
    yield from collector.finish()


def detect(archive: ArchiveReader) -> float:
    """A manifest, or images with text files of words beside them."""
    for name in archive.names_ending(".manifest")[:1]:
        return 1.0 if _SAMPLE.match(archive.head(name)) else 0.0
    texts = archive.names_ending(".txt")[:_SOME]
    words = [name for name in texts if _is_words(archive.head(name).decode(errors="replace"))]
    if not words or len(words) < len(texts):
        return 0.0
    stems = {name.rpartition(".")[0] for name in archive.names_ending(*_IMAGE_SUFFIXES)}
    return 0.75 if stems.issuperset(name[:-4] for name in words) else 0.2


READER = Reader(read, detect)


def _is_words(content: str) -> bool:
    lines = [line for line in content.split("\n")[:_SOME] if line.strip()]
    return bool(lines) and not any("\t" in line or "," in line or _is_of_numbers(line) for line in lines)


def _is_of_numbers(line: str) -> bool:
    """Whether the line is a row of numbers, possibly after a class."""
    fields = line.split()
    return bool(_NUMBERS.match(line)) or (len(fields) > _FEW and bool(_NUMBERS.match(fields[-1])))


class _Manifest:
    """One manifest."""

    def __init__(
        self, archive: ArchiveReader, files: Mapping[str, str], media: MediaIndex, collector: ObjectCollector
    ) -> None:
        self._archive = archive
        self._media = media
        self._collector = collector
        self._files = files

    def sample(self, where: str, line: bytes) -> Iterator[Parsed]:
        """The labels of a line."""
        try:
            row = orjson.loads(line)
            annotations = row.get("annotation") or []
            if row.get("sample-type", 0) == _VIDEO and not annotations:
                return
            matched = self._match(where, row)
            marks = [*annotations]
        except MALFORMED as error:
            yield skipped_for(where, error)
            return
        for mark in marks:
            yield from or_skipped(where, self._annotation, where, matched, mark)

    def _match(self, where: str, row: Row) -> MatchedFrame | UnmatchedFrame:
        source = _path(row["source"])
        fields = row.get("property")
        properties = fields if isinstance(fields, dict) else {}
        parent, time = properties.get("@modelarts:parent_source"), properties.get("@modelarts:time_in_video")
        if parent is not None and time is not None:
            return self._timed(where, _path(parent), float(time))
        if timed := _TIMED.match(source.rpartition(".")[0][-_LONGEST:]):
            video = self._timed(where, timed["video"], float(timed["seconds"]))
            if isinstance(video, MatchedFrame):
                return video
        return self._collector.match(source, None, where)

    def _timed(self, where: str, video: str, seconds: float) -> MatchedFrame | UnmatchedFrame:
        medium = self._media.named(video)
        if isinstance(medium, TargetMedium) and not medium.fps:
            return UnmatchedFrame(where, reason_for("frame_rate_unknown", file=medium.name))
        number = round(seconds * medium.fps) if isinstance(medium, TargetMedium) else 0
        return self._collector.match(video, number, where)

    def _annotation(self, where: str, matched: MatchedFrame | UnmatchedFrame, mark: Row) -> Iterator[Parsed]:
        source = {"source": "model"} if str(mark.get("annotated-by", "")).startswith("modelarts/") else {}
        if "annotation-loc" in mark:
            yield from self._shapes(where, matched, _path(mark["annotation-loc"]), source)
        elif mark.get("type", "").endswith("image_classification"):
            raw = attribute_values(mark.get("property"))
            type_name = raw.pop(TYPE, None)
            attributes = {name: parse_value(value) if isinstance(value, str) else value for name, value in raw.items()}
            detection = Detection(where, ImageTag(), attributes=attributes)
            optional = {**source, "score": mark.get("confidence"), "type_name": str(type_name) if type_name else None}
            yield from self._collector.add(matched, str(mark["name"]), detection, track="label", **optional)
        else:
            yield skipped(where, "annotation_type_unsupported", type=str(mark.get("type"))[:100])

    def _shapes(
        self, where: str, matched: MatchedFrame | UnmatchedFrame, raw: str, source: dict[str, str]
    ) -> Iterator[Parsed]:
        name = self._file(raw)
        if name is None:
            yield skipped(where, "file_not_in_archive", file=raw[:200])
            return
        yield from xml_objects(name, self._archive.read(name), matched, self._collector, source)

    def _file(self, raw: str) -> str | None:
        """The file of a path, which may start anywhere in the bucket."""
        parts = raw.split("/")
        ends = ("/".join(parts[begin:]) for begin in range(len(parts)))
        return next((name for end in ends if (name := self._files.get(end))), None)


def _by_end(archive: ArchiveReader) -> dict[str, str]:
    """The XML files by path, and by unambiguous path ends."""
    by_end: dict[str, str] = {}
    ambiguous: set[str] = set()
    for name in archive.names_ending(".xml"):
        parts = name.split("/")
        for start in range(1, len(parts)):
            end = "/".join(parts[start:])
            ambiguous.update([end] if end in by_end else [])
            by_end[end] = name
    return {end: name for end, name in by_end.items() if end not in ambiguous} | {
        name: name for name in archive.names_ending(".xml")
    }


def _path(raw: Any) -> str:
    """A path in the archive or in a bucket."""
    if not isinstance(raw, str):
        raise ReaderError("field_not_text", field="source")
    return _SCHEME.sub("", raw)
