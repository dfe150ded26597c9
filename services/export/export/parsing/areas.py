"""Areas on pictures, made into objects: what the readers of pictures of classes and of instances share."""

from collections.abc import Hashable, Iterable, Iterator, Mapping
from typing import NamedTuple

from common.geometry.types import Bitmap
from export.parsing.detections import Attributes, Sighting
from export.parsing.frames import Frames, Missing
from export.parsing.images import bitmaps_of, numbers_of, picture
from export.parsing.matching import Place
from export.parsing.reader import Found
from export.parsing.reasons import MALFORMED, skipped, skipped_for

NOTHING = "background"


class Area(NamedTuple):
    """The pixels of a thing of a class, None if nothing says which; those of the class background are nothing."""

    category: str | None
    pixels: Bitmap
    attributes: Attributes = {}
    track: Hashable | None = None
    is_key: bool = True


def seen_areas(where: str, place: Place | Missing, areas: Iterable[Area], frames: Frames) -> Iterator[Found]:
    """The objects that areas are, as far as these can be read. How many have no class is told once."""
    unknown = 0
    try:
        for area in areas:
            unknown += area.category is None
            if area.category not in (None, NOTHING):
                yield from _seen(where, place, area, frames)
    except MALFORMED as error:
        yield skipped_for(where, error)
    if unknown:
        yield skipped(where, "colors_without_class", count=unknown)


def _seen(where: str, place: Place | Missing, area: Area, frames: Frames) -> Iterator[Found]:
    where = f"{where}, {area.category}"
    sighting = Sighting(where, area.pixels, is_key=area.is_key, attributes=area.attributes)
    try:
        yield from frames.see(place, str(area.category), sighting, track=area.track)
    except MALFORMED as error:
        yield skipped_for(where, error)


def of_classes(content: bytes, by_color: Mapping[int, str], by_number: Mapping[int, str]) -> Iterator[Area]:
    """One area for each class on a picture of colours, or of numbers if it has one channel.

    Raises:
        ValueError: it is no picture.
    """
    found = picture(content)
    names, numbers = (by_number, found) if found.ndim == 2 else (by_color, numbers_of(found))
    for number, pixels in bitmaps_of(numbers):
        yield Area(names.get(number), pixels)
