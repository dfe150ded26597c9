"""Reader of WiderFace 1.0: boxes image by image, and a label from the image's folder.

A line with a slash is an image, `<number>--<label>/<path>` or `no_label/<path>`; the number of boxes follows (it is
ignored), then the boxes: `x y width height`, optionally six attributes (`-` if unknown) and a class other than `face`.
The WiderFace data set has another order of attributes and no `labels.txt`.
"""

import re
from collections.abc import Iterator, Sequence

from common.contract.errors import reason_for
from common.geometry.types import Box, ImageTag
from export.dataset.known_attributes import truth
from export.parsing.archive_reader import ArchiveReader
from export.parsing.detections import Detection
from export.parsing.media_index import MatchedFrame, MediaIndex
from export.parsing.object_collector import ObjectCollector, UnmatchedFrame
from export.parsing.reader import Parsed, Reader
from export.parsing.reasons import MALFORMED, ReaderError, skipped_for
from export.parsing.values import parse_value

DEFAULT, NO_LABEL = "face", "no_label"
COLUMNS = ("blur", "expression", "illumination", "occluded", "pose", "invalid")
_DATA_SET_COLUMNS = ("blur", "expression", "illumination", "invalid", "occlusion", "pose")
_FILE = re.compile(r"(?:.*/)?wider_face_[^/]*_bbx_gt\.txt", re.IGNORECASE)
_IMAGE = re.compile(rf"(?:WIDER_[^/]*/images/)?(?:{NO_LABEL}|\d+--(?P<label>[^/]+))/(?P<path>.+)")


def read(archive: ArchiveReader, media: MediaIndex) -> Iterator[Parsed]:
    """The boxes and labels of all images."""
    columns = COLUMNS if archive.names_ending("labels.txt") else _DATA_SET_COLUMNS
    collector = ObjectCollector(media)
    for name in archive.names_ending(".txt"):
        if _FILE.fullmatch(name):
            yield from _File(name, columns, collector).objects(archive.read(name))
    yield from collector.finish()


def detect(archive: ArchiveReader) -> float:
    """A file with WiderFace's name."""
    return 0.98 if any(map(_FILE.fullmatch, archive.names_ending("_bbx_gt.txt"))) else 0.0


READER = Reader(read, detect)


class _File:
    """The boxes of a subset."""

    def __init__(self, name: str, columns: Sequence[str], collector: ObjectCollector) -> None:
        self._name = name
        self._columns = columns
        self._collector = collector
        self._match: MatchedFrame | UnmatchedFrame = UnmatchedFrame(name, reason_for("image_name_missing"))
        self._has_none = False

    def objects(self, content: bytes) -> Iterator[Parsed]:
        """The objects of all lines."""
        for number, raw in enumerate(content.decode(errors="replace").split("\n"), 1):
            line = raw.strip("\r")
            where = f"{self._name}, line {number}"
            try:
                if "/" in line or "\\" in line:
                    yield from self._image(where, line.replace("\\", "/"))
                elif len(cells := line.split()) == 1 and cells[0].isdecimal():
                    self._has_none = int(cells[0]) == 0
                elif cells and not self._has_none:
                    yield from self._box(where, cells)
            except MALFORMED as error:
                yield skipped_for(where, error)

    def _image(self, where: str, line: str) -> Iterator[Parsed]:
        match = _IMAGE.fullmatch(line)
        self._has_none = False
        self._match = self._collector.match(match["path"] if match else line, None, f"{self._name}, {line}")
        if match and match["label"]:
            yield from self._collector.add(self._match, match["label"], Detection(where, ImageTag()), track="label")

    def _box(self, where: str, cells: list[str]) -> Iterator[Parsed]:
        x, y, width, height = map(float, cells[:4])
        rest = cells[4:]
        if len(rest) not in (0, 1, len(COLUMNS), len(COLUMNS) + 1):
            raise ReaderError("values_count_wrong", count=len(cells), expected="4, 5, 10, 11")
        attributes = {
            name: value for name, value in zip(self._columns, rest, strict=False) if len(rest) > 1 and value != "-"
        }
        occluded = attributes.pop("occluded", None) or attributes.get("occlusion")
        detection = Detection(
            where,
            Box(x1=x, y1=y, x2=x + width, y2=y + height),
            occluded=occluded is not None and truth(occluded) is not False,
            attributes={name: _value(value) for name, value in attributes.items()},
        )
        yield from self._collector.add(self._match, rest[-1] if len(rest) % len(COLUMNS) == 1 else DEFAULT, detection)


def _value(text: str) -> str | bool | float:
    return text == "True" if text in ("True", "False") else parse_value(text)
