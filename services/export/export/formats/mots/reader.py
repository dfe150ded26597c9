"""Reader of MOTS PNG 1.0: tracks as instance masks.

A track is out of view on frames without it, among the frames with any image in the archive; if it has only instance
masks, among all frames, because masks exist only for frames with objects.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from export.parsing.archive_reader import ArchiveReader
from export.parsing.areas import BACKGROUND, Area, objects_of_areas
from export.parsing.label_files import LabelFile, group_by_medium
from export.parsing.label_images import bitmaps_by_number, decode_image
from export.parsing.media_index import MatchedFrame, MediaIndex
from export.parsing.object_collector import ObjectCollector
from export.parsing.reader import Parsed, Reader
from export.parsing.reasons import ReaderError

_INSTANCES = re.compile(r"(?P<root>(?:.*?/)?instances/)(?P<item>.+)\.png", re.IGNORECASE)
_IMAGE = re.compile(r"(?:.*?/)?images/(?P<item>.+)\.(?:jpe?g|png|bmp|webp)", re.IGNORECASE)
# The classes of the MOTS challenge; number 10 marks regions to ignore.
_CHALLENGE = ("car", "pedestrian")
_IGNORED = 10
_LIST = "labels.txt"
# A value is class · 1000 + object.
_OBJECTS = 1000
# Class names by number, from 1.
Classes = Mapping[int, str]


def read(archive: ArchiveReader, media: MediaIndex) -> Iterator[Parsed]:
    """The objects of every medium."""
    classes = {
        name.lower()[: -len(_LIST)]: _listed(archive.read(name)) for name in archive.names_ending(f"instances/{_LIST}")
    }
    for files in group_by_medium(_files(archive), ObjectCollector(media)):
        yield from _medium(archive, files, classes, ObjectCollector(media))


def detect(archive: ArchiveReader) -> float:
    """Masks in an `instances` folder, or its list of classes."""
    if any(_INSTANCES.fullmatch(name) for name in archive.names_ending(".png")):
        return 0.9
    return 0.8 if archive.names_ending(f"instances/{_LIST}") else 0.0


READER = Reader(read, detect)


def _files(archive: ArchiveReader) -> Iterator[LabelFile]:
    for name in archive.names:
        if match := _INSTANCES.fullmatch(name) or _IMAGE.fullmatch(name):
            yield LabelFile(name, match["item"])


def _listed(content: bytes) -> Classes:
    return _classes(content.decode(errors="replace").split("\n"))


def _classes(names: Iterable[str]) -> Classes:
    raw = [name.strip() for name in names if name.strip()]
    return {0: BACKGROUND, _IGNORED: BACKGROUND, **dict(enumerate(raw, 1))}


def _medium(
    archive: ArchiveReader, files: Sequence[LabelFile], classes: Mapping[str, Classes], collector: ObjectCollector
) -> Iterator[Parsed]:
    """The tracks of a video, or the objects of images."""
    has_images, any_classes = False, next(iter(classes.values()), _classes(_CHALLENGE))
    for file in files:
        matched = collector.match(file.path, None, file.name)
        if match := _INSTANCES.fullmatch(file.name):
            names = classes.get(match["root"].lower(), any_classes)
            yield from objects_of_areas(file.name, matched, _areas(archive.read(file.name), names), collector)
        else:
            has_images = True
    if isinstance(matched, MatchedFrame) and matched.medium.kind == "video" and not has_images:
        for number in range(matched.medium.frame_count):
            collector.match(matched.medium.name, number)
    yield from collector.finish()


def _areas(content: bytes, names: Classes) -> Iterator[Area]:
    numbers = decode_image(content)
    if numbers.ndim != 2:
        raise ReaderError("mask_not_single_channel")
    for number, pixels in bitmaps_by_number(numbers):
        yield Area(names.get(number // _OBJECTS), pixels, track=number, is_key=False)
