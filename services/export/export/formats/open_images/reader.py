"""Reader of Open Images V6 1.0: tables of boxes, masks and image labels, recognized by their headers.

Labels that were verified as absent (confidence 0) and relations between objects are skipped.
"""

import math
import shlex
from collections.abc import Iterator, Mapping

import numpy as np

from common.geometry.masks import encode_bitmap
from common.geometry.types import Bitmap, Box, Geometry, ImageTag
from export.parsing.archive_reader import ArchiveReader
from export.parsing.csv_rows import csv_rows
from export.parsing.detections import Detection
from export.parsing.label_images import decode_image
from export.parsing.media_index import MatchedFrame, MediaIndex
from export.parsing.object_collector import ObjectCollector, UnmatchedFrame
from export.parsing.reader import Parsed, Reader
from export.parsing.reasons import MALFORMED, ReaderError, skipped, skipped_for

_EDGES = ("XMin", "YMin", "XMax", "YMax")
_ATTRIBUTES = {
    "IsTruncated": "truncated",
    "IsGroupOf": "is_group_of",
    "IsDepiction": "is_depiction",
    "IsInside": "is_inside",
}
# The decimals of a pixel that a relative coordinate with nine digits preserves.
_DECIMALS = 4
Row = Mapping[str, str]


def read(archive: ArchiveReader, media: MediaIndex) -> Iterator[Parsed]:
    """The objects of every table."""
    yield from _Archive(archive, media).objects()


def detect(archive: ArchiveReader) -> float:
    """A table with Open Images columns."""
    heads = (_head(archive.head(name)) for name in archive.names_ending(".csv")[:8])
    return 0.95 if any("ImageID" in head and len(head & {"Subset", "LabelName", "Rotation"}) for head in heads) else 0.0


READER = Reader(read, detect)


def _head(content: bytes) -> frozenset[str]:
    return frozenset(cell.strip() for cell in content.partition(b"\n")[0].decode(errors="replace").split(","))


class _Archive:
    """The tables of an archive and their shared data."""

    def __init__(self, archive: ArchiveReader, media: MediaIndex) -> None:
        self._archive = archive
        self._collector = ObjectCollector(media)
        self._names: dict[str, str] = {}
        self._sizes: dict[str, tuple[int, int]] = {}
        self._masks = {name.rpartition("/")[2]: name for name in archive.names_ending(".png")}

    def objects(self) -> Iterator[Parsed]:
        """Shared data first, then the tables; images come before their objects."""
        tables = self._archive.names_ending(".csv")
        heads = {name: _head(self._archive.head(name)) for name in tables}
        for name in tables:
            if "ImageID" not in heads[name] and "class-descriptions" in name.rpartition("/")[2]:
                self._names |= {row[0]: row[1] for _, row in csv_rows(self._archive.read(name)) if len(row) > 1}
        for name in self._archive.names_ending("images.meta"):
            self._read_sizes(name)
        for name in sorted(tables, key=lambda table: "LabelName" in heads[table]):
            if "ImageID" in heads[name] and "LabelName1" in heads[name]:
                yield skipped(name, "relations_skipped")
            elif "ImageID" in heads[name]:
                yield from self._table(name)
        yield from self._collector.finish()

    def _read_sizes(self, name: str) -> None:
        for line in self._archive.read(name).decode(errors="replace").split("\n"):
            try:
                image, height, width = shlex.split(line)
                self._sizes[image] = int(width), int(height)
            except ValueError:
                continue

    def _table(self, name: str) -> Iterator[Parsed]:
        rows = csv_rows(self._archive.read(name))
        head = [cell.strip() for cell in next(rows)[1]]
        empty = dict.fromkeys(head, "")
        absent = 0
        for number, cells in rows:
            where = f"{name}, row {number}"
            try:
                row = {**empty, **dict(zip(head, cells, strict=False))}
                matched = self._collector.match(row["ImageID"], None, f"{name}, {row['ImageID']}")
                if "LabelName" in row and self._is_absent(row):
                    absent += 1
                elif "LabelName" in row:
                    yield from self._object(where, row, matched)
            except MALFORMED as error:
                yield skipped_for(where, error)
        if absent:
            yield skipped(name, "absent_labels_skipped", entries=absent)

    def _is_absent(self, row: Row) -> bool:
        """Whether the label was verified as absent. Tracklane writes no source: there, a confidence of 0 is a score."""
        is_whole = "XMin" not in row and "MaskPath" not in row
        return is_whole and bool(row.get("Source")) and float(row.get("Confidence") or 1) == 0

    def _object(self, where: str, row: Row, matched: MatchedFrame | UnmatchedFrame) -> Iterator[Parsed]:
        category = self._names.get(row["LabelName"], row["LabelName"])
        if "MaskPath" in row:
            geometry: Geometry = self._mask(row, matched)
            yield from self._collector.add(
                matched, category, Detection(where, geometry, score=_score(row.get("PredictedIoU", "")))
            )
            return
        score = _score(row.get("Confidence", ""))
        if "XMin" not in row:
            detection = Detection(where, ImageTag(), is_key=False, score=score)
            yield from self._collector.add(matched, category, detection, track="label")
            return
        attributes = {name: row[column] == "1" for column, name in _ATTRIBUTES.items() if row.get(column) in ("0", "1")}
        is_hidden = row.get("IsOccluded") == "1"
        detection = Detection(where, self._box(row, matched), occluded=is_hidden, score=score, attributes=attributes)
        yield from self._collector.add(matched, category, detection)

    def _box(self, row: Row, matched: MatchedFrame | UnmatchedFrame) -> Box:
        width, height = self._size(row["ImageID"], matched)
        x1, y1, x2, y2 = (float(row[edge]) for edge in _EDGES)
        corners = {"x1": x1 * width, "y1": y1 * height, "x2": x2 * width, "y2": y2 * height}
        return Box.model_validate({name: round(coordinate, _DECIMALS) for name, coordinate in corners.items()})

    def _size(self, image: str, matched: MatchedFrame | UnmatchedFrame) -> tuple[int, int]:
        """Width and height of the image, to which coordinates are relative."""
        if isinstance(matched, MatchedFrame) and matched.medium.width and matched.medium.height:
            return matched.medium.width, matched.medium.height
        if image in self._sizes or isinstance(matched, UnmatchedFrame):
            return self._sizes.get(image, (1, 1))
        raise ReaderError("image_size_unknown")

    def _mask(self, row: Row, matched: MatchedFrame | UnmatchedFrame) -> Bitmap:
        """The pixels of a mask, scaled to the image."""
        path = row["MaskPath"].replace("\\", "/").rpartition("/")[2]
        if path not in self._masks:
            raise ReaderError("file_not_in_archive", file=path[:200])
        image = decode_image(self._archive.read(self._masks[path]))
        mask = (image if image.ndim == 2 else image.max(axis=2)) != 0
        if isinstance(matched, MatchedFrame) and matched.medium.width and matched.medium.height:
            width, height = matched.medium.width, matched.medium.height
            if mask.shape != (height, width):
                ys, xs = (np.arange(new) * old // new for new, old in zip((height, width), mask.shape, strict=True))
                mask = mask[ys[:, None], xs]
        bitmap = encode_bitmap(np.ascontiguousarray(mask))
        if not bitmap.width:
            raise ReaderError("mask_empty")
        return bitmap


def _score(raw: str) -> float | None:
    """A score; 1 means none."""
    score = float(raw) if raw.strip() else 1.0
    if not math.isfinite(score):
        raise ReaderError("score_out_of_range", value=raw[:100])
    return None if score == 1 else score
