"""The way in of Cityscapes 1.0: areas by class and instance, each an object of one frame.

Of the pictures of a frame the one that says most counts: that of instances, that of the numbers of classes, that of
their colours. Where the archive has no list of classes, the numbers are those of Cityscapes itself.
"""

import re
from collections.abc import Container, Iterator, Mapping
from typing import NamedTuple

from export.parsing.archive_reader import Bundle
from export.parsing.areas import Area, of_classes, seen_areas
from export.parsing.frames import Frames, Missing
from export.parsing.images import bitmaps_of, picture
from export.parsing.label_colors import by_color, label_colors, numbered
from export.parsing.matching import Media, Place
from export.parsing.reader import Found, Reader
from export.parsing.reasons import ReaderError

_PICTURE = re.compile(
    r"(?:.*?/)?gt(?:Fine|Coarse)/(?:[^/]+/)?(?P<item>.+)_gt(?:Fine|Coarse)_(?P<what>instanceIds|labelIds|color)\.png"
)
# The best one last.
_WHATS = ("color", "labelIds", "instanceIds")
_OWN = (
    "unlabeled,ego vehicle,rectification border,out of roi,static,dynamic,ground,road,sidewalk,parking,rail track,"
    "building,wall,fence,guard rail,bridge,tunnel,pole,polegroup,traffic light,traffic sign,vegetation,terrain,sky,"
    "person,rider,car,truck,bus,caravan,trailer,train,motorcycle,bicycle"
)
# Things that are counted; of the others the picture of instances tells nothing but the class.
_OWN_THINGS = range(24, 34)
# Class · 1000 + place on the frame, up to 65,535; a class alone is a crowd, if it has numbers for instances.
_PLACES, _COUNTED = 1000, range(1, 66)


class _Classes(NamedTuple):
    """The names of classes, by colour and by number; `counted` are the numbers of those that have instances."""

    by_color: Mapping[int, str]
    by_number: Mapping[int, str]
    counted: Container[int]


def read(bundle: Bundle, media: Media) -> Iterator[Found]:
    """The objects of every frame."""
    frames, told = Frames(media), label_colors(bundle)
    own = _Classes({}, dict(enumerate(_OWN.split(","))), _OWN_THINGS)
    classes = _Classes(by_color(told), numbered(told), _COUNTED) if told else own
    for item, (what, name) in _best(bundle).items():
        content = bundle.read(name)
        if what == "instanceIds":
            areas = _instances(content, classes)
        else:
            areas = of_classes(content, classes.by_color, classes.by_number)
        yield from seen_areas(name, _place(item, name, frames), areas, frames)
    yield from frames.all_ended()


def recognize(bundle: Bundle) -> float:
    """Pictures in their folder with their ends."""
    if any(_PICTURE.fullmatch(name) for name in bundle.ending(".png")):
        return 0.95
    return 0.2 if bundle.ending("label_colors.txt") else 0.0


READER = Reader(read, recognize)


def _best(bundle: Bundle) -> Mapping[str, tuple[str, str]]:
    """For each frame what its best picture shows, and the file's name."""
    found = [(match, name) for name in bundle.ending(".png") if (match := _PICTURE.fullmatch(name))]
    found.sort(key=lambda one: _WHATS.index(one[0]["what"]))
    return {match["item"]: (match["what"], name) for match, name in found}


def _place(item: str, name: str, frames: Frames) -> Place | Missing:
    """The frame, also where its medium is called as Cityscapes calls pictures."""
    found = frames.place(item, None, name)
    if isinstance(found, Missing):
        longer = frames.place(f"{item}_leftImg8bit", None, name)
        return longer if isinstance(longer, Place) else found
    return found


def _instances(content: bytes, classes: _Classes) -> Iterator[Area]:
    numbers = picture(content)
    if numbers.ndim != 2:
        raise ReaderError("mask_not_single_channel")
    for number, pixels in bitmaps_of(numbers):
        kind = number // _PLACES or number
        is_crowd = number < _PLACES and kind in classes.counted
        yield Area(classes.by_number.get(kind), pixels, {"is_crowd": True} if is_crowd else {})
