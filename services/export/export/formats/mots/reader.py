"""The way in of MOTS PNG 1.0: objects followed through their frames, as pixels.

A track is out of view on frames without it: on those that have a picture of any kind in the archive, or, where it has
none but those of instances, on all: these are there only for frames with objects.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from export.parsing.archive_reader import Bundle
from export.parsing.areas import NOTHING, Area, seen_areas
from export.parsing.frames import Frames
from export.parsing.images import bitmaps_of, picture
from export.parsing.label_files import LabelFile, by_medium
from export.parsing.matching import Media, Place
from export.parsing.reader import Found, Reader
from export.parsing.reasons import ReaderError

_INSTANCES = re.compile(r"(?P<root>(?:.*?/)?instances/)(?P<item>.+)\.png", re.IGNORECASE)
_PICTURE = re.compile(r"(?:.*?/)?images/(?P<item>.+)\.(?:jpe?g|png|bmp|webp)", re.IGNORECASE)
# The classes of the MOTS challenge; its tenth is what nobody is to look at.
_CHALLENGE = ("car", "pedestrian")
_IGNORED = 10
_LIST = "labels.txt"
# Class · 1000 + object.
_OBJECTS = 1000
# Names by number, from 1.
Classes = Mapping[int, str]


def read(bundle: Bundle, media: Media) -> Iterator[Found]:
    """The objects of every medium."""
    classes = {name.lower()[: -len(_LIST)]: _listed(bundle.read(name)) for name in bundle.ending(f"instances/{_LIST}")}
    for files in by_medium(_files(bundle), Frames(media)):
        yield from _medium(bundle, files, classes, Frames(media))


def recognize(bundle: Bundle) -> float:
    """Pictures in a folder called so, or the list of classes there."""
    if any(_INSTANCES.fullmatch(name) for name in bundle.ending(".png")):
        return 0.9
    return 0.8 if bundle.ending(f"instances/{_LIST}") else 0.0


READER = Reader(read, recognize)


def _files(bundle: Bundle) -> Iterator[LabelFile]:
    for name in bundle.names:
        if found := _INSTANCES.fullmatch(name) or _PICTURE.fullmatch(name):
            yield LabelFile(name, found["item"])


def _listed(content: bytes) -> Classes:
    return _classes(content.decode(errors="replace").split("\n"))


def _classes(names: Iterable[str]) -> Classes:
    told = [name.strip() for name in names if name.strip()]
    return {0: NOTHING, _IGNORED: NOTHING, **dict(enumerate(told, 1))}


def _medium(
    bundle: Bundle, files: Sequence[LabelFile], classes: Mapping[str, Classes], frames: Frames
) -> Iterator[Found]:
    """The tracks of a video, or what is on images."""
    is_told, any_classes = False, next(iter(classes.values()), _classes(_CHALLENGE))
    for file in files:
        place = frames.place(file.path, None, file.name)
        if found := _INSTANCES.fullmatch(file.name):
            names = classes.get(found["root"].lower(), any_classes)
            yield from seen_areas(file.name, place, _areas(bundle.read(file.name), names), frames)
        else:
            is_told = True
    if isinstance(place, Place) and place.medium.kind == "video" and not is_told:
        for number in range(place.medium.frame_count):
            frames.place(place.medium.name, number)
    yield from frames.all_ended()


def _areas(content: bytes, names: Classes) -> Iterator[Area]:
    numbers = picture(content)
    if numbers.ndim != 2:
        raise ReaderError("mask_not_single_channel")
    for number, pixels in bitmaps_of(numbers):
        yield Area(names.get(number // _OBJECTS), pixels, track=number, is_key=False)
