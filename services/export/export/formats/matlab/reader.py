"""Reader of MATLAB ground truth: what MATLAB's labelers export with `jsonencode`. It cannot be exported.

    {"gTruth": {"DataSource": [path of each frame], "LabelDefinitions": [{"Name", "Type", "LabelColor", …}],
                "LabelData": [{label: shapes on the frame}]}}

The source may also be a video, or `{"Source": video, "TimeStamps": [seconds of each frame]}`. If no source is a file of
the project, the file name counts: `<medium>_0000X.json`, where X is the number of a clip from 1, for the rows of that
clip. Shapes of a video are linked by the attribute `ID` or `TrackId`, or else by IoU from row to row. Scenes are labels
of their frames. Pixel labels are stored in separate images and are not read.
"""

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import orjson

from common.contract.clips import FRAMES_PER_CLIP
from common.contract.errors import reason_for
from common.contract.questions import SkippedRow
from export.formats.matlab.reader_classes import definitions, mission
from export.formats.matlab.reader_labels import Labels
from export.parsing.archive_reader import ArchiveReader
from export.parsing.media_index import MatchedFrame, MediaIndex, NoMatch, TargetMedium
from export.parsing.object_collector import ObjectCollector, UnmatchedFrame
from export.parsing.reader import DeclaredMission, Parsed, Reader
from export.parsing.reasons import MALFORMED, ReaderError, skipped, skipped_for

NAME = "MATLAB ground truth JSON"
_NUMBERED = re.compile(r"_(?P<clip>\d{5})$")
_TIMES = ("Time", "TimeStamps", "Timestamp")
_TIME = re.compile(r"\s*(?:(?:(?P<hours>\d{1,9}):)?(?P<minutes>\d{1,9}):)?(?P<seconds>\d{1,15}(?:\.\d{0,15})?)")


def read(archive: ArchiveReader, media: MediaIndex) -> Iterator[Parsed]:
    """The objects of every label file."""
    for name in archive.names_ending(".json"):
        try:
            document = _document(orjson.loads(archive.read(name)))
        except MALFORMED:
            yield skipped(name, "not_this_format", format="MATLAB ground truth")
            continue
        yield from _File(name, document, media).objects()


def detect(archive: ArchiveReader) -> float:
    """A file with the parts of a ground truth; of large files only the start is examined."""
    for name in archive.names_ending(".json")[:3]:
        head = archive.head(name)
        parts = sum(part in head for part in (b'"DataSource"', b'"LabelDefinitions"', b'"LabelData"'))
        if parts >= 2 or re.match(rb'\s*\{\s*"(gTruth"\s*:|DataSource"\s*:\s*[\[{"])', head):
            return 0.95
    return 0.0


READER = Reader(read, detect)


def _document(document: Any) -> Mapping[str, Any]:
    """The ground truth without enclosing objects."""
    while isinstance(document, dict) and "LabelData" not in document and len(document) == 1:
        (document,) = document.values()
    if isinstance(document, dict) and isinstance(document.get("LabelData"), list | dict):
        return document
    raise ReaderError("field_missing", field="LabelData")


class _File:
    """One label file."""

    def __init__(self, name: str, document: Mapping[str, Any], media: MediaIndex) -> None:
        self._name = name
        self._media = media
        self._collector = ObjectCollector(media)
        self._defined = definitions(document.get("LabelDefinitions"))
        labeled = document["LabelData"]
        self._rows: list[Any] = labeled if isinstance(labeled, list) else [labeled]
        source = document.get("DataSource")
        fields = source if isinstance(source, dict) else {"Source": source}
        sources = fields.get("Source")
        self._sources = [str(item) for item in (sources if isinstance(sources, list) else [sources] if sources else [])]
        self._times = [_seconds(item) for item in _listed(fields.get("TimeStamps"))]

    def objects(self) -> Iterator[Parsed]:
        """The labels of images in order, then all others."""
        matches = self._matches()
        if isinstance(matches, NoMatch):
            yield SkippedRow(where=self._name, reason=matches.reason)
            return
        yield from self._declared()
        labels = Labels(self._name, self._collector, self._defined)
        for number, (row, matched) in enumerate(zip(self._rows, matches, strict=False)):
            where = f"{self._name}, row {number + 1}"
            if not isinstance(row, Mapping):
                yield skipped(where, "row_malformed")
                continue
            for column, value in row.items():
                if column not in _TIMES:
                    yield from labels.of(f"{where}, {column}", number, matched, column, value)
        yield from self._collector.finish()

    def _declared(self) -> Iterator[Parsed]:
        try:
            yield from [DeclaredMission(mission(self._defined))] if self._defined else []
        except ValueError as error:
            yield skipped_for(f"{self._name}, LabelDefinitions", error)

    # ---- the frames of rows ----

    def _matches(self) -> Iterable[MatchedFrame | UnmatchedFrame] | NoMatch:
        """The frame of each row, by its source or else by the file name."""
        by_name = self._by_name()
        if len(self._sources) == 1:
            target = self._media.named(self._sources[0])
            if isinstance(target, TargetMedium):
                first = by_name[1] if by_name is not None and by_name[0] == target else 0
                return self._rows_of(target, first)
        by_source = [
            self._collector.match(path, None, f"{self._name}, row {number}")
            for number, path in enumerate(self._sources[: len(self._rows)], 1)
        ]
        if any(isinstance(match, MatchedFrame) for match in by_source):
            unmatched = UnmatchedFrame(self._name, reason_for("rows_exceed_sources"))
            return [*by_source, *[unmatched] * (len(self._rows) - len(by_source))]
        self._collector = ObjectCollector(self._media)
        return NoMatch(reason_for("matlab_source_unknown")) if by_name is None else self._rows_of(*by_name)

    def _by_name(self) -> tuple[TargetMedium, int] | None:
        """The medium that the file is named after, and its frame on the first row."""
        stem = self._name.rpartition("/")[2].rpartition(".")[0]
        numbered = _NUMBERED.search(stem)
        medium = self._media.named_by_label_file(self._name) if numbered else None
        if numbered is None or not isinstance(medium, TargetMedium):
            return None
        first = (int(numbered["clip"]) - 1) * FRAMES_PER_CLIP
        fits = first > 0 and len(self._rows) <= FRAMES_PER_CLIP and first < medium.frame_count
        return medium, first if fits else 0

    def _rows_of(self, target: TargetMedium, first: int) -> Iterable[MatchedFrame | UnmatchedFrame]:
        if target.kind == "image" and len(self._rows) > 1:
            reason = reason_for("image_has_several_rows", file=target.name, count=len(self._rows))
            return [UnmatchedFrame(self._name, reason)] * len(self._rows)
        return (self._collector.match(target.name, first + number, self._name) for number in self._numbers(target.fps))

    def _numbers(self, fps: float) -> Iterator[int]:
        """The frame of each row: by its time, or else by its position."""
        for number, row in enumerate(self._rows):
            raw = next((row[name] for name in _TIMES if name in row), None) if isinstance(row, Mapping) else None
            time = _seconds(raw)
            yield number if time is None else self._nearest(time, number, fps)

    def _nearest(self, time: float, number: int, fps: float) -> int:
        times = self._times
        if len(times) < 2 or None in (times[0], times[-1]):
            return round(time * fps) if fps > 0 else number
        after = bisect_left(times, time, key=lambda index: index or 0.0)
        candidates = [index for index in (after - 1, after) if 0 <= index < len(times)]
        return min(candidates, key=lambda index: abs((times[index] or 0.0) - time))


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _seconds(value: Any) -> float | None:
    """A time: a number, `1.5 sec` or `00:00:01.5`; None if it is not a time."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    if not isinstance(value, str) or not (raw := _TIME.match(value)):
        return None
    return int(raw["hours"] or 0) * 3600 + int(raw["minutes"] or 0) * 60 + float(raw["seconds"])
