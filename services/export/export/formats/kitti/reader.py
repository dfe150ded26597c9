"""Reader of KITTI 1.0: boxes from text rows, other shapes from masks.

Instance masks (class · 256 + number) are read first, then class masks, then color masks.
"""

import math
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from common.geometry.types import Box
from export.dataset.texts import one_word
from export.parsing.archive_reader import ArchiveReader
from export.parsing.areas import Area, class_areas, objects_of_areas
from export.parsing.detections import Detection
from export.parsing.label_colors import Class, by_color, class_numbers, label_colors
from export.parsing.label_images import Numbers, bitmaps_by_number, decode_image
from export.parsing.media_index import MatchedFrame, MediaIndex
from export.parsing.object_collector import ObjectCollector, UnmatchedFrame
from export.parsing.reader import Parsed, Reader
from export.parsing.reasons import MALFORMED, ReaderError, skipped_for

_ROWS = re.compile(r"^(?:.*?/)?label_2/(?P<path>.*)$", re.IGNORECASE)
_PIXELS = re.compile(r"^(?P<root>(?:.*?/)?)(?P<kind>instance|semantic|semantic_rgb)/(?P<path>.*)$", re.IGNORECASE)
# Truncated, occluded, alpha, four sides, seven of the third dimension; a score may follow.
_NUMBERS = 14
_HIDDEN = (1.0, 2.0)
_MOST_THINGS = 65_535


def read(archive: ArchiveReader, media: MediaIndex) -> Iterator[Parsed]:
    """The boxes of every frame, then the areas."""
    collector, classes = ObjectCollector(media), label_colors(archive)
    written = {one_word(known.name): known.name for known in reversed(classes)}
    for name in archive.names_ending(".txt"):
        if found := _ROWS.match(name):
            yield from _boxes(name, archive.read(name), collector.match(found["path"], None, name), collector, written)
    for picture_of in _pictures(archive):
        matched = collector.match(picture_of.path, None, picture_of.where)
        yield from objects_of_areas(picture_of.where, matched, _areas(archive, picture_of, classes), collector)
    yield from collector.finish()


def detect(archive: ArchiveReader) -> float:
    """Rows in `label_2`, or instance masks beside class masks and the color list."""
    rows = [name for name in archive.names_ending(".txt") if _ROWS.match(name)]
    if rows:
        return 0.95 if _is_row(archive.head(rows[0])) else 0.0
    kinds = {found["kind"].lower() for name in archive.names_ending(".png") if (found := _PIXELS.match(name))}
    if not {"instance", "semantic"} & kinds:
        return 0.0
    return 0.9 if label_colors(archive) else 0.6 if len(kinds) > 1 else 0.3


READER = Reader(read, detect)


def _is_row(content: bytes) -> bool:
    rows = [line for line in content.decode(errors="replace").split("\n") if line.strip()]
    return not rows or len(rows[0].split()) > _NUMBERS


# ---- boxes ----


def _boxes(
    name: str,
    content: bytes,
    matched: MatchedFrame | UnmatchedFrame,
    collector: ObjectCollector,
    written: dict[str, str],
) -> Iterator[Parsed]:
    for number, line in enumerate(content.decode(errors="replace").split("\n"), 1):
        if line.strip():
            where = f"{name}, line {number}"
            try:
                label, detection = _row(where, line.split())
                yield from collector.add(matched, written.get(one_word(label), label), detection)
            except MALFORMED as error:
                yield skipped_for(where, error)


def _row(where: str, fields: Sequence[str]) -> tuple[str, Detection]:
    """The class of a row, which may contain spaces, and its box.

    Raises:
        ValueError: the data does not follow the format.
    """
    has_score = len(fields) > _NUMBERS + 1 and _is_number(fields[-_NUMBERS - 1])
    begin = len(fields) - _NUMBERS - has_score
    if begin < 1:
        raise ReaderError("values_too_few", count=len(fields), minimum=_NUMBERS + 1)
    truncated, occluded, _, x1, y1, x2, y2, *others = map(float, fields[begin:])
    score = others[-1] if has_score else None
    return " ".join(fields[:begin]), Detection(
        where,
        Box(x1=x1, y1=y1, x2=x2, y2=y2),
        occluded=occluded in _HIDDEN,
        # A score of 1 stands for none, and what detectors write beyond 0 to 1 is none that objects have.
        score=score if score is not None and 0 <= score < 1 else None,
        attributes={"truncated": truncated} if 0 < truncated <= 1 else {},
    )


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


# ---- areas ----


class _Pictures(NamedTuple):
    """The masks of a frame by type; `where` is the first one."""

    where: str
    path: str
    by_kind: dict[str, str]


def _pictures(archive: ArchiveReader) -> Iterator[_Pictures]:
    found: dict[tuple[str, str], _Pictures] = {}
    for name in archive.names_ending(".png"):
        if raw := _PIXELS.match(name):
            one = found.setdefault((raw["root"], raw["path"]), _Pictures(name, raw["path"], {}))
            one.by_kind[raw["kind"].lower()] = name
    yield from found.values()


def _areas(archive: ArchiveReader, raw: _Pictures, classes: Sequence[Class]) -> Iterator[Area]:
    instances, semantic = (
        _numbers(decode_image(archive.read(raw.by_kind[kind]))) if kind in raw.by_kind else None
        for kind in ("instance", "semantic")
    )
    if instances is None and semantic is None:
        yield from class_areas(archive.read(raw.by_kind["semantic_rgb"]), by_color(classes), {})
        return
    names = class_numbers(classes) if classes else {}
    for count, (number, bitmap) in enumerate(bitmaps_by_number(_together(instances, semantic))):
        if count == _MOST_THINGS:
            raise ReaderError("mask_too_many_instances", limit=_MOST_THINGS)
        yield Area(names.get(number >> 8), bitmap)


def _numbers(pixels: Numbers) -> Numbers:
    if pixels.ndim != 2:
        raise ReaderError("mask_not_single_channel")
    return pixels


def _together(instances: Numbers | None, semantic: Numbers | None) -> Numbers:
    """Instance values, or class · 256 where there is no instance."""
    of_classes_ = None if semantic is None else semantic.astype(np.uint32) << 8
    if instances is None or of_classes_ is None:
        either = instances if of_classes_ is None else of_classes_
        assert either is not None
        return either
    if instances.shape != of_classes_.shape:
        raise ReaderError("mask_sizes_differ")
    return np.where(instances != 0, instances.astype(np.uint32), of_classes_)
