"""Areas on pictures, made into objects: what the readers of pictures of classes and of instances share."""

from collections.abc import Hashable, Iterable, Iterator, Mapping
from typing import NamedTuple

from common.geometry.types import Bitmap
from export.parsing.detections import Attributes, Detection
from export.parsing.label_images import bitmaps_by_number, color_numbers, decode_image
from export.parsing.media_index import MatchedFrame
from export.parsing.object_collector import ObjectCollector, UnmatchedFrame
from export.parsing.reader import Parsed
from export.parsing.reasons import MALFORMED, skipped, skipped_for

BACKGROUND = "background"


class Area(NamedTuple):
    """The pixels of a thing of a class, None if nothing says which; those of the class background are nothing."""

    category: str | None
    pixels: Bitmap
    attributes: Attributes = {}
    track: Hashable | None = None
    is_key: bool = True


def objects_of_areas(
    where: str, place: MatchedFrame | UnmatchedFrame, areas: Iterable[Area], frames: ObjectCollector
) -> Iterator[Parsed]:
    """The objects that areas are, as far as these can be read. How many have no class is told once."""
    unknown = 0
    try:
        for area in areas:
            unknown += area.category is None
            if area.category not in (None, BACKGROUND):
                yield from _seen(where, place, area, frames)
    except MALFORMED as error:
        yield skipped_for(where, error)
    if unknown:
        yield skipped(where, "colors_without_class", count=unknown)


def _seen(where: str, place: MatchedFrame | UnmatchedFrame, area: Area, frames: ObjectCollector) -> Iterator[Parsed]:
    where = f"{where}, {area.category}"
    detection = Detection(where, area.pixels, is_key=area.is_key, attributes=area.attributes)
    try:
        yield from frames.add(place, str(area.category), detection, track=area.track)
    except MALFORMED as error:
        yield skipped_for(where, error)


def class_areas(content: bytes, by_color: Mapping[int, str], by_number: Mapping[int, str]) -> Iterator[Area]:
    """One area for each class on a picture of colours, or of numbers if it has one channel.

    Raises:
        ValueError: it is no picture.
    """
    found = decode_image(content)
    names, numbers = (by_number, found) if found.ndim == 2 else (by_color, color_numbers(found))
    for number, pixels in bitmaps_by_number(numbers):
        yield Area(names.get(number), pixels)
