"""Reader of ICDAR Recognition 1.0: the text in word images, as labels of whole images.

An image has one label per class: its first text counts, different ones are skipped.
"""

import re
from collections.abc import Iterator

from common.geometry.types import ImageTag
from export.formats.icdar.reader import CLASS, first_row, rows
from export.parsing.archive_reader import ArchiveReader
from export.parsing.detections import Detection
from export.parsing.media_index import MatchedFrame, MediaIndex
from export.parsing.object_collector import ObjectCollector, UnmatchedFrame
from export.parsing.reader import Parsed, Reader
from export.parsing.reasons import ReaderError, or_skipped, skipped

_ROW = re.compile(r"(?P<name>.+?),(?:[ \t]+(?P<text>.*))?")
_NAMED = re.compile(r".+\.[A-Za-z]{2,5},(?:[ \t]|$)")
_ESCAPED = re.compile(r"\\(.)")


def read(archive: ArchiveReader, media: MediaIndex) -> Iterator[Parsed]:
    """One label per image; labels of videos vary by frame."""
    collector, texts = ObjectCollector(media), dict[MatchedFrame, str]()
    for name in _files(archive):
        for where, line in rows(archive, name):
            yield from or_skipped(where, _label, where, line, collector, texts)
    yield from collector.finish()


def detect(archive: ArchiveReader) -> float:
    """A file `gt.txt` that starts with an image name."""
    lines = [first_row(archive, name) for name in _files(archive)[:1]]
    return 0.9 if any(line is not None and _NAMED.match(line) for line in lines) else 0.0


READER = Reader(read, detect)


def _files(archive: ArchiveReader) -> list[str]:
    return [name for name in archive.names_ending("gt.txt") if name.rpartition("/")[2].lower() == "gt.txt"]


def _label(where: str, line: str, collector: ObjectCollector, texts: dict[MatchedFrame, str]) -> Iterator[Parsed]:
    if not line:
        return
    row = _ROW.fullmatch(line)
    if row is None:
        raise ReaderError("row_malformed")
    matched = _match(row["name"], where, collector)
    text = _text(row["text"] or "")
    if text is None:
        return
    if isinstance(matched, MatchedFrame) and texts.setdefault(matched, text) != text:
        yield skipped(where, "label_already_set")
        return
    detection = Detection(where, ImageTag(), is_key=False, attributes={"text": text})
    yield from collector.add(matched, CLASS, detection, track=CLASS)


def _match(path: str, where: str, collector: ObjectCollector) -> MatchedFrame | UnmatchedFrame:
    """The image; the writer replaces a space after a comma by `_`."""
    matched = collector.match(path, None, where)
    if isinstance(matched, UnmatchedFrame) and ",_" in path:
        renamed = collector.match(path.replace(",_", ", "), None, where)
        return renamed if isinstance(renamed, MatchedFrame) else matched
    return matched


def _text(raw: str) -> str | None:
    """The text without quotes and escapes."""
    raw = raw.strip()
    if len(raw) > 1 and raw[0] == raw[-1] == '"':
        return _ESCAPED.sub(r"\1", raw[1:-1])
    return _ESCAPED.sub(r"\1", raw) or None
