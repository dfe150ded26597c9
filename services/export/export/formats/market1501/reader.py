"""The way in of Market-1501 1.0: what the names of pictures say of the people on them.

Each becomes a label `market-1501` with the attributes `person_id`, `camera_id` (in names one more), `track_id` (the
sequence), `frame_id`, `bbox_id` and, of pictures that are looked for, `query`. Pictures are those in the lists, or else
those in the folders. A picture whose name became numbers is found by its own name in `names.txt`.
"""

import re
from collections.abc import Iterator, Mapping

from common.geometry.types import ImageTag
from export.parsing.archive_reader import Bundle
from export.parsing.detections import Attributes, Sighting
from export.parsing.frames import Frames, Missing
from export.parsing.matching import Media, Miss, Place
from export.parsing.reader import Found, Reader
from export.parsing.reasons import MALFORMED, skipped_for
from export.parsing.values import value_of

CLASS = "market-1501"
NAMES = "names.txt"
_LIST = re.compile(r"(.*/)?images_[^/]*\.txt", re.IGNORECASE)
_FOLDER = re.compile(r"(?:(?:.*/)?(?:bounding_box_[^/]*|gt_bbox|query)/)(?P<path>.+)")
_SUFFIXES = (".jpg", ".jpeg", ".png", ".bmp")
_NAMED = re.compile(
    r"(?:.*/)?(?P<person_id>-?\d{1,9})_c(?P<camera_id>\d{1,9})s(?P<track_id>\d{1,9})_(?P<frame_id>\d{1,9})"
    r"_(?P<bbox_id>\d{1,9})[^/]*"
)


def read(bundle: Bundle, media: Media) -> Iterator[Found]:
    """The labels of all pictures."""
    frames, own_names = Frames(media), _own_names(bundle)
    for path in _pictures(bundle):
        named = _NAMED.fullmatch(path)
        place = _place(path, own_names.get(path), named is not None, frames, media)
        if named is None:
            continue
        on_video = isinstance(place, Place) and place.medium.kind == "video"
        is_asked = "query" in path.split("/")[:-1]
        try:
            said = _said(named.groupdict(), {"query": is_asked} if is_asked or on_video else {})
            yield from frames.see(place, CLASS, Sighting(path, ImageTag(), attributes=said), track=CLASS)
        except MALFORMED as error:
            yield skipped_for(path, error)
    yield from frames.all_ended()


def recognize(bundle: Bundle) -> float:
    """A list of pictures in folders that no other format has, or such folders with names that say who is seen."""
    lists = [name for name in bundle.ending(".txt") if _LIST.fullmatch(name)]
    if lists:
        first = next(iter(bundle.beginning(lists[0]).decode(errors="replace").split("\n")), "")
        return 0.95 if _FOLDER.fullmatch(first.strip("\r").replace("\\", "/")) else 0.0
    named = (name for name in bundle.ending(*_SUFFIXES) if _FOLDER.fullmatch(name) and _NAMED.fullmatch(name))
    return 0.9 if next(named, None) else 0.0


READER = Reader(read, recognize)


def _pictures(bundle: Bundle) -> Iterator[str]:
    lists = [name for name in bundle.ending(".txt") if _LIST.fullmatch(name)]
    for name in lists:
        yield from (path for line in _lines(bundle, name) if (path := line.replace("\\", "/")))
    if not lists:
        yield from (name for name in bundle.ending(*_SUFFIXES) if _FOLDER.fullmatch(name))


def _place(path: str, own_name: str | None, is_named: bool, frames: Frames, media: Media) -> Place | Missing:
    """The frame that a picture is; the number at the end of a name that says who is seen is none of a video."""
    placed = _FOLDER.fullmatch(path)
    name = own_name or (placed["path"] if placed else path)
    found = media.named(name) if is_named and own_name is None else None
    return Missing(path, found.reason) if isinstance(found, Miss) else frames.place(name, None, path)


def _own_names(bundle: Bundle) -> Mapping[str, str]:
    """By the path of a picture, what it is called in its project."""
    if NAMES not in bundle.names:
        return {}
    return dict(line.split("\t") for line in _lines(bundle, NAMES) if line.count("\t") == 1)


def _lines(bundle: Bundle, name: str) -> Iterator[str]:
    return (line.strip("\r") for line in bundle.read(name).decode(errors="replace").split("\n"))


def _said(named: Mapping[str, str], more: Attributes) -> Attributes:
    """The attributes, as the parts of a name say them."""
    person = named["person_id"]
    numbers = {name: float(number) for name, number in named.items() if name != "person_id"}
    return {"person_id": value_of(person), **numbers, "camera_id": numbers["camera_id"] - 1, **more}
