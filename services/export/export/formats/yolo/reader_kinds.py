"""Tells the YOLO formats apart, by data.yaml and the number of values per row."""

from collections.abc import Iterator, Sequence
from itertools import islice

from export.formats.yolo.names import DARKNET, DETECTION, OBB, POSE, SEGMENTATION, TRACK, named_in
from export.formats.yolo.reader_config import config_file, names_file
from export.formats.yolo.reader_images import label_files
from export.parsing.archive_reader import ArchiveReader
from export.parsing.reader import Detect

_POSSIBLE, _FILES, _ROWS = 0.2, 200, 100
_SAME = 2e-5


def detects(name: str) -> Detect:
    """The detector of one YOLO format."""

    def detect(archive: ArchiveReader) -> float:
        file = config_file(archive)
        head = archive.head(file) if file else b""
        if declared := named_in(head.decode(errors="replace")):
            return 1.0 if declared == name else _POSSIBLE / 2
        if file is None:
            return _without_config(archive, name)
        if name == DARKNET:
            return _POSSIBLE / 2
        if b"kpt_shape" in head:
            return 0.95 if name == POSE else _POSSIBLE
        return _by_rows(_rows(archive)).get(name, _POSSIBLE)

    return detect


def _without_config(archive: ArchiveReader, name: str) -> float:
    """By obj.data and obj.names, or by the classes.txt that labelImg writes beside its rows."""
    files = {file.rpartition("/")[2].lower() for file in archive.names_ending(".data", ".names")}
    if files & {"obj.data", "obj.names"}:
        return 0.95 if name == DARKNET else _POSSIBLE / 2
    rows = _rows(archive)
    if not rows:
        return _POSSIBLE / 2 if archive.names_ending(".txt") else 0.0
    confidences = _by_rows(rows)
    confidences = {DARKNET: confidences.get(DETECTION, 0.0), **confidences, DETECTION: _POSSIBLE}
    # Without class names, rows of numbers may be anything.
    return confidences.get(name, _POSSIBLE / 2) * (1.0 if names_file(archive) else 0.5)


def _rows(archive: ArchiveReader) -> list[list[str]]:
    """The first rows of the first files, if all are numeric."""
    rows = list(islice(_lines(archive), _ROWS))
    return rows if all(map(_are_numbers, rows)) else []


def _lines(archive: ArchiveReader) -> Iterator[list[str]]:
    for name in label_files(archive)[:_FILES]:
        # The last line may be cut off.
        lines = archive.head(name).decode(errors="replace").split("\n")
        yield from (words for line in (lines[:-1] or lines) if (words := line.split()))


def _are_numbers(words: Sequence[str]) -> bool:
    try:
        numbers = [float(word) for word in words]
    except ValueError:
        return False
    return len(numbers) > 4 and numbers[0] == abs(int(numbers[0])) and all(-1 <= number <= 2 for number in numbers[1:5])


def _by_rows(rows: Sequence[Sequence[str]]) -> dict[str, float]:
    """The confidence of each format by the rows."""
    counts = {len(row) for row in rows}
    if not rows:
        return dict.fromkeys((DETECTION, TRACK, OBB, SEGMENTATION), 2 * _POSSIBLE)
    if counts <= {5, 6}:
        is_track = any(len(row) > 5 and row[-1].isdigit() for row in rows)
        return {TRACK: 0.9, DETECTION: 0.4} if is_track else {DETECTION: 0.9, TRACK: 0.3}
    if counts <= {9, 10, 11} and 9 in counts and all(map(_is_slanted_box, rows)):
        return {OBB: 0.9, SEGMENTATION: 0.6}
    if any(count > 6 for count in counts):
        return {SEGMENTATION: 0.9, OBB: 0.3}
    return {}


def _is_slanted_box(row: Sequence[str]) -> bool:
    """Whether opposite sides are equal, as those of a rotated box are in any aspect ratio."""
    x1, y1, x2, y2, x3, y3, x4, y4 = map(float, row[1:9])
    return abs(x1 + x3 - x2 - x4) < _SAME and abs(y1 + y3 - y2 - y4) < _SAME
