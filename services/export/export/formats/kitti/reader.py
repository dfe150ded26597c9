"""The way in of KITTI 1.0: boxes as rows of text, all other areas as pixels.

Pixels are read from the pictures of instances, class · 256 + number, and where these have none from those of classes;
where neither is there, from the colours.
"""

import math
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from common.geometry.types import Box
from export.dataset.texts import one_word
from export.parsing.archive_reader import Bundle
from export.parsing.areas import Area, of_classes, seen_areas
from export.parsing.detections import Sighting
from export.parsing.frames import Frames, Missing
from export.parsing.images import Numbers, bitmaps_of, picture
from export.parsing.label_colors import Class, by_color, label_colors, numbered
from export.parsing.matching import Media, Place
from export.parsing.reader import Found, Reader
from export.parsing.reasons import MALFORMED, ReaderError, skipped_for

_ROWS = re.compile(r"^(?:.*?/)?label_2/(?P<path>.*)$", re.IGNORECASE)
_PIXELS = re.compile(r"^(?P<root>(?:.*?/)?)(?P<kind>instance|semantic|semantic_rgb)/(?P<path>.*)$", re.IGNORECASE)
# Truncated, occluded, alpha, four sides, seven of the third dimension; a score may follow.
_NUMBERS = 14
_HIDDEN = (1.0, 2.0)
_MOST_THINGS = 65_535


def read(bundle: Bundle, media: Media) -> Iterator[Found]:
    """The boxes of every frame, and then its areas."""
    frames, classes = Frames(media), label_colors(bundle)
    written = {one_word(known.name): known.name for known in reversed(classes)}
    for name in bundle.ending(".txt"):
        if found := _ROWS.match(name):
            yield from _boxes(name, bundle.read(name), frames.place(found["path"], None, name), frames, written)
    for picture_of in _pictures(bundle):
        place = frames.place(picture_of.path, None, picture_of.where)
        yield from seen_areas(picture_of.where, place, _areas(bundle, picture_of, classes), frames)
    yield from frames.all_ended()


def recognize(bundle: Bundle) -> float:
    """Rows in their folder, or pictures of instances beside those of classes with the list of colours."""
    rows = [name for name in bundle.ending(".txt") if _ROWS.match(name)]
    if rows:
        return 0.95 if _is_row(bundle.beginning(rows[0])) else 0.0
    kinds = {found["kind"].lower() for name in bundle.ending(".png") if (found := _PIXELS.match(name))}
    if not {"instance", "semantic"} & kinds:
        return 0.0
    return 0.9 if label_colors(bundle) else 0.6 if len(kinds) > 1 else 0.3


READER = Reader(read, recognize)


def _is_row(content: bytes) -> bool:
    rows = [line for line in content.decode(errors="replace").split("\n") if line.strip()]
    return not rows or len(rows[0].split()) > _NUMBERS


# ---- boxes ----


def _boxes(
    name: str, content: bytes, place: Place | Missing, frames: Frames, written: dict[str, str]
) -> Iterator[Found]:
    for number, line in enumerate(content.decode(errors="replace").split("\n"), 1):
        if line.strip():
            where = f"{name}, line {number}"
            try:
                label, sighting = _row(where, line.split())
                yield from frames.see(place, written.get(one_word(label), label), sighting)
            except MALFORMED as error:
                yield skipped_for(where, error)


def _row(where: str, fields: Sequence[str]) -> tuple[str, Sighting]:
    """The class of a row, which may have blanks where others have `_`, and what it says of a box.

    Raises:
        ValueError: it is none.
    """
    has_score = len(fields) > _NUMBERS + 1 and _is_number(fields[-_NUMBERS - 1])
    begin = len(fields) - _NUMBERS - has_score
    if begin < 1:
        raise ReaderError("values_too_few", count=len(fields), minimum=_NUMBERS + 1)
    truncated, occluded, _, x1, y1, x2, y2, *others = map(float, fields[begin:])
    score = others[-1] if has_score else None
    return " ".join(fields[:begin]), Sighting(
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
    """The pictures of a frame, by kind; `where` is the first of them."""

    where: str
    path: str
    by_kind: dict[str, str]


def _pictures(bundle: Bundle) -> Iterator[_Pictures]:
    found: dict[tuple[str, str], _Pictures] = {}
    for name in bundle.ending(".png"):
        if told := _PIXELS.match(name):
            one = found.setdefault((told["root"], told["path"]), _Pictures(name, told["path"], {}))
            one.by_kind[told["kind"].lower()] = name
    yield from found.values()


def _areas(bundle: Bundle, told: _Pictures, classes: Sequence[Class]) -> Iterator[Area]:
    instances, semantic = (
        _numbers(picture(bundle.read(told.by_kind[kind]))) if kind in told.by_kind else None
        for kind in ("instance", "semantic")
    )
    if instances is None and semantic is None:
        yield from of_classes(bundle.read(told.by_kind["semantic_rgb"]), by_color(classes), {})
        return
    names = numbered(classes) if classes else {}
    for count, (number, bitmap) in enumerate(bitmaps_of(_together(instances, semantic))):
        if count == _MOST_THINGS:
            raise ReaderError("mask_too_many_instances", limit=_MOST_THINGS)
        yield Area(names.get(number >> 8), bitmap)


def _numbers(pixels: Numbers) -> Numbers:
    if pixels.ndim != 2:
        raise ReaderError("mask_not_single_channel")
    return pixels


def _together(instances: Numbers | None, semantic: Numbers | None) -> Numbers:
    """Class · 256 + number; where there is no instance, a class is one."""
    of_classes_ = None if semantic is None else semantic.astype(np.uint32) << 8
    if instances is None or of_classes_ is None:
        either = instances if of_classes_ is None else of_classes_
        assert either is not None
        return either
    if instances.shape != of_classes_.shape:
        raise ReaderError("mask_sizes_differ")
    return np.where(instances != 0, instances.astype(np.uint32), of_classes_)
