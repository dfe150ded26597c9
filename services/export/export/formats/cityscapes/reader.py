"""Reader of Cityscapes 1.0: one object per class and instance on each frame.

Only the most specific mask of a frame is read: `instanceIds`, then `labelIds`, then `color`. Without
`label_colors.txt`, class numbers are Cityscapes' own.
"""

import re
from collections.abc import Container, Iterator, Mapping
from typing import NamedTuple

from export.parsing.archive_reader import ArchiveReader
from export.parsing.areas import Area, class_areas, objects_of_areas
from export.parsing.label_colors import by_color, class_numbers, label_colors
from export.parsing.label_images import bitmaps_by_number, decode_image
from export.parsing.media_index import MatchedFrame, MediaIndex
from export.parsing.object_collector import ObjectCollector, UnmatchedFrame
from export.parsing.reader import Parsed, Reader
from export.parsing.reasons import ReaderError

_MASK_PATH = re.compile(
    r"(?:.*?/)?gt(?:Fine|Coarse)/(?:[^/]+/)?(?P<item>.+)_gt(?:Fine|Coarse)_(?P<what>instanceIds|labelIds|color)\.png"
)
# From the least to the most specific.
_TYPES = ("color", "labelIds", "instanceIds")
_CITYSCAPES_CLASSES = (
    "unlabeled,ego vehicle,rectification border,out of roi,static,dynamic,ground,road,sidewalk,parking,rail track,"
    "building,wall,fence,guard rail,bridge,tunnel,pole,polegroup,traffic light,traffic sign,vegetation,terrain,sky,"
    "person,rider,car,truck,bus,caravan,trailer,train,motorcycle,bicycle"
)
# The classes with instances; the instance mask gives only the class of all others.
_WITH_INSTANCES = range(24, 34)
# Class · 1000 + instance number, up to 65,535; a class alone is a crowd if the class has instances.
_PER_CLASS, _NUMBERED = 1000, range(1, 66)


class _Classes(NamedTuple):
    """Class names by color and by number; `counted` are the classes with instances."""

    by_color: Mapping[int, str]
    by_number: Mapping[int, str]
    counted: Container[int]


def read(archive: ArchiveReader, media: MediaIndex) -> Iterator[Parsed]:
    """The objects of every frame."""
    collector, raw = ObjectCollector(media), label_colors(archive)
    cityscapes = _Classes({}, dict(enumerate(_CITYSCAPES_CLASSES.split(","))), _WITH_INSTANCES)
    classes = _Classes(by_color(raw), class_numbers(raw), _NUMBERED) if raw else cityscapes
    for item, (mask_type, name) in _best(archive).items():
        content = archive.read(name)
        if mask_type == "instanceIds":
            areas = _instances(content, classes)
        else:
            areas = class_areas(content, classes.by_color, classes.by_number)
        yield from objects_of_areas(name, _match(item, name, collector), areas, collector)
    yield from collector.finish()


def detect(archive: ArchiveReader) -> float:
    """Masks with the folder and the suffixes of Cityscapes."""
    if any(_MASK_PATH.fullmatch(name) for name in archive.names_ending(".png")):
        return 0.95
    return 0.2 if archive.names_ending("label_colors.txt") else 0.0


READER = Reader(read, detect)


def _best(archive: ArchiveReader) -> Mapping[str, tuple[str, str]]:
    """The most specific mask of each frame: its type and file name."""
    masks = [(match, name) for name in archive.names_ending(".png") if (match := _MASK_PATH.fullmatch(name))]
    masks.sort(key=lambda mask: _TYPES.index(mask[0]["what"]))
    return {match["item"]: (match["what"], name) for match, name in masks}


def _match(item: str, name: str, collector: ObjectCollector) -> MatchedFrame | UnmatchedFrame:
    """The frame of a mask; the image may have Cityscapes' suffix `_leftImg8bit`."""
    matched = collector.match(item, None, name)
    if isinstance(matched, UnmatchedFrame):
        with_suffix = collector.match(f"{item}_leftImg8bit", None, name)
        return with_suffix if isinstance(with_suffix, MatchedFrame) else matched
    return matched


def _instances(content: bytes, classes: _Classes) -> Iterator[Area]:
    numbers = decode_image(content)
    if numbers.ndim != 2:
        raise ReaderError("mask_not_single_channel")
    for number, pixels in bitmaps_by_number(numbers):
        kind = number // _PER_CLASS or number
        is_crowd = number < _PER_CLASS and kind in classes.counted
        yield Area(classes.by_number.get(kind), pixels, {"is_crowd": True} if is_crowd else {})
