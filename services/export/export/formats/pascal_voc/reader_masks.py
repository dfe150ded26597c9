"""PASCAL VOC's masks: one of classes, one of instances."""

import re
from collections.abc import Iterator

import numpy as np

from export.formats.pascal_voc.reader_maps import BORDER, LabelMap
from export.parsing.archive_reader import ArchiveReader
from export.parsing.areas import BACKGROUND, Area, objects_of_areas
from export.parsing.label_images import Numbers, bitmaps_by_number, color_numbers, decode_image
from export.parsing.object_collector import ObjectCollector
from export.parsing.reader import Parsed
from export.parsing.reasons import ReaderError

_CLASSES = re.compile(r"^(?P<root>(?:.*?/)?)segmentationclass/(?P<path>.*)$", re.IGNORECASE)
_OBJECTS = re.compile(r"^(?P<root>(?:.*?/)?)segmentationobject/(?P<path>.*)$", re.IGNORECASE)
# The limit of instances; each costs a pass over the whole image.
MOST_INSTANCES = 10_000
_NO_CLASS = 255


def areas(archive: ArchiveReader, collector: ObjectCollector, label_map: LabelMap) -> Iterator[Parsed]:
    """The instances of every mask, or one object per class without instance masks."""
    named = archive.names_ending(".png", ".bmp")
    objects = {(match["root"], match["path"]): name for name in named if (match := _OBJECTS.match(name))}
    for name in named:
        if match := _CLASSES.match(name):
            path = match["path"]
            instance_mask = objects.get((match["root"], path))
            yield from objects_of_areas(
                name, collector.match(path, None, name), _areas(archive, name, instance_mask, label_map), collector
            )


def _areas(archive: ArchiveReader, name: str, instance_mask: str | None, label_map: LabelMap) -> Iterator[Area]:
    pixels = decode_image(archive.read(name))
    classes, is_colored = _numbers(pixels), pixels.ndim == 3
    numbers, shift = classes, 0
    if instance_mask is not None:
        instances = _numbers(decode_image(archive.read(instance_mask)))
        if instances.shape != classes.shape:
            raise ReaderError("mask_sizes_differ")
        shift = 24
        numbers = np.where(classes != 0, classes.astype(np.uint64) << np.uint64(shift) | instances, np.uint64(0))
    for count, (number, bitmap) in enumerate(bitmaps_by_number(numbers)):
        if count == MOST_INSTANCES:
            raise ReaderError("mask_too_many_instances", limit=MOST_INSTANCES)
        yield Area(_class(number >> shift, label_map, is_colored=is_colored), bitmap)


def _numbers(pixels: Numbers) -> Numbers:
    return color_numbers(pixels) if pixels.ndim == 3 else pixels


def _class(number: int, label_map: LabelMap, *, is_colored: bool) -> str | None:
    """The name of a class; the border color is background."""
    if is_colored:
        return BACKGROUND if number == BORDER else label_map.colors.get(number)
    return label_map.names[number] if number < len(label_map.names) else BACKGROUND if number == _NO_CLASS else None
