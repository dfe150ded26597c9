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
# Truncated, occluded, alpha, four edges, seven three-dimensional values; a score may follow.
_NUMBERS = 14
_HIDDEN = (1.0, 2.0)
_MOST_THINGS = 65_535


def read(archive: ArchiveReader, media: MediaIndex) -> Iterator[Parsed]:
    """The boxes of every frame, then the areas."""
    collector, classes = ObjectCollector(media), label_colors(archive)
    names = {one_word(label_class.name): label_class.name for label_class in reversed(classes)}
    for name in archive.names_ending(".txt"):
        if match := _ROWS.match(name):
            yield from _boxes(name, archive.read(name), collector.match(match["path"], None, name), collector, names)
    for masks in _frame_masks(archive):
        matched = collector.match(masks.path, None, masks.where)
        yield from objects_of_areas(masks.where, matched, _areas(archive, masks, classes), collector)
    yield from collector.finish()


def detect(archive: ArchiveReader) -> float:
    """Rows in `label_2`, or instance masks beside class masks and the color list."""
    rows = [name for name in archive.names_ending(".txt") if _ROWS.match(name)]
    if rows:
        return 0.95 if _is_row(archive.head(rows[0])) else 0.0
    kinds = {match["kind"].lower() for name in archive.names_ending(".png") if (match := _PIXELS.match(name))}
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
        # A score of 1 means none; values outside 0 to 1, as detectors write them, are not valid scores.
        score=score if score is not None and 0 <= score < 1 else None,
        attributes={"truncated": truncated} if 0 < truncated <= 1 else {},
    )


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


# ---- areas ----


class _FrameMasks(NamedTuple):
    """The masks of a frame by type; `where` is the first one."""

    where: str
    path: str
    by_kind: dict[str, str]


def _frame_masks(archive: ArchiveReader) -> Iterator[_FrameMasks]:
    frames: dict[tuple[str, str], _FrameMasks] = {}
    for name in archive.names_ending(".png"):
        if match := _PIXELS.match(name):
            masks = frames.setdefault((match["root"], match["path"]), _FrameMasks(name, match["path"], {}))
            masks.by_kind[match["kind"].lower()] = name
    yield from frames.values()


def _areas(archive: ArchiveReader, masks: _FrameMasks, classes: Sequence[Class]) -> Iterator[Area]:
    instances, semantic = (
        _numbers(decode_image(archive.read(masks.by_kind[kind]))) if kind in masks.by_kind else None
        for kind in ("instance", "semantic")
    )
    if instances is None and semantic is None:
        yield from class_areas(archive.read(masks.by_kind["semantic_rgb"]), by_color(classes), {})
        return
    names = class_numbers(classes) if classes else {}
    for count, (number, bitmap) in enumerate(bitmaps_by_number(_combined(instances, semantic))):
        if count == _MOST_THINGS:
            raise ReaderError("mask_too_many_instances", limit=_MOST_THINGS)
        yield Area(names.get(number >> 8), bitmap)


def _numbers(pixels: Numbers) -> Numbers:
    if pixels.ndim != 2:
        raise ReaderError("mask_not_single_channel")
    return pixels


def _combined(instances: Numbers | None, semantic: Numbers | None) -> Numbers:
    """Instance values, or class · 256 where there is no instance."""
    class_values = None if semantic is None else semantic.astype(np.uint32) << 8
    if instances is None or class_values is None:
        only = instances if class_values is None else class_values
        assert only is not None
        return only
    if instances.shape != class_values.shape:
        raise ReaderError("mask_sizes_differ")
    return np.where(instances != 0, instances.astype(np.uint32), class_values)
