"""Objects from class and instance masks, where the value of a pixel is a class, an instance or a color."""

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
    """The pixels of one class or instance; `category` is None if the value has no class. Background is skipped."""

    category: str | None
    pixels: Bitmap
    attributes: Attributes = {}
    track: Hashable | None = None
    is_key: bool = True


def objects_of_areas(
    where: str, place: MatchedFrame | UnmatchedFrame, areas: Iterable[Area], frames: ObjectCollector
) -> Iterator[Parsed]:
    """The objects of the areas of a mask. Values without a class become one skipped row."""
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
    """One area per class of a mask: by color, or by value if the image has a single channel.

    Raises:
        ValueError: the data does not follow the format.
    """
    found = decode_image(content)
    names, numbers = (by_number, found) if found.ndim == 2 else (by_color, color_numbers(found))
    for number, pixels in bitmaps_by_number(numbers):
        yield Area(names.get(number), pixels)
