"""The rows of a YOLO data set, made into objects: `class …`, whose coordinates are shares of the picture's size."""

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from common.contract.errors import reason_for
from common.contract.questions import SkippedRow
from common.geometry.types import Box, Geometry, ImageTag, Keypoint
from export.formats.yolo.reader_config import ConfigError, Told, told
from export.formats.yolo.reader_images import Labeled, Pictures
from export.parsing.archive_reader import Bundle
from export.parsing.detections import Sighting
from export.parsing.frames import Frames, Missing
from export.parsing.matching import Media, Place, Target
from export.parsing.reader import Found, Read
from export.parsing.reasons import MALFORMED, ReaderError, skipped_for

# What six decimals leave open, in shares: an edge is half a size away from the centre.
LEFT_OPEN = 0.75e-6
_NOWHERE = Sighting("", ImageTag())


class Drawn(NamedTuple):
    """What a row draws, and the words that come after it."""

    geometry: Geometry
    rest: Sequence[str]
    keypoints: Sequence[Keypoint] = ()


class Row(NamedTuple):
    """The number of a class and the words after it, on a picture of a medium of a data set."""

    number: int
    words: Sequence[str]
    target: Target
    told: Told


Draw = Callable[[Row], Drawn]


def reading(draw: Draw) -> Read:
    """Reads archives whose rows `draw` understands."""

    def read(bundle: Bundle, media: Media) -> Iterator[Found]:
        try:
            known = told(bundle)
        except ConfigError as error:
            yield SkippedRow(where=error.file, reason=error.reason)
            return
        yield from _Rows(bundle, media, known, draw).objects()

    return read


class _Rows:
    """The rows of an archive."""

    def __init__(self, bundle: Bundle, media: Media, known: Told, draw: Draw) -> None:
        self._bundle = bundle
        self._told = known
        self._draw = draw
        self._frames = Frames(media)

    def objects(self) -> Iterator[Found]:
        """Objects of one frame as they come, tracks at the end of their video."""
        placed = Pictures(self._bundle, self._told).placed(self._frames)
        for _, pictures in groupby(placed, key=lambda one: isinstance(one.place, Place) and one.place.medium.id):
            is_video = False
            for picture in pictures:
                is_video = isinstance(picture.place, Place) and picture.place.medium.kind == "video"
                yield from self._of(picture)
            if is_video:
                yield from self._frames.ended()
        yield from self._frames.all_ended()

    def _of(self, picture: Labeled) -> Iterator[Found]:
        """What is seen on a picture."""
        place = picture.place
        if picture.labels is None:
            return
        if isinstance(place, Place) and not (place.medium.width and place.medium.height):
            place = Missing(place.medium.name, reason_for("image_size_unknown"))
        lines = self._bundle.read(picture.labels).decode(errors="replace").split("\n")
        for number, line in enumerate(lines, 1):
            words = line.split()
            if not words:
                continue
            if isinstance(place, Missing):
                yield from self._frames.see(place, "?", _NOWHERE)
                continue
            where = f"{picture.labels}, line {number}"
            try:
                yield from self._object(where, words, place)
            except MALFORMED as error:
                yield skipped_for(where, error)

    def _object(self, where: str, words: list[str], place: Place) -> Iterator[Found]:
        number = whole(words[0])
        drawn = self._draw(Row(number, words[1:], place.medium, self._told))
        score, track = _ending(drawn.rest)
        seen = Sighting(where, drawn.geometry, score=score, keypoints=drawn.keypoints)
        yield from self._frames.see(place, self._told.category(number), seen, track=track)


def whole(word: str) -> int:
    """A number of a class, that some write with decimals.

    Raises:
        ValueError: it is none.
    """
    number = int(word) if word.isascii() and word.isdigit() else float(word)
    if number != int(number) or number < 0:
        raise ReaderError("class_number_invalid", value=word[:100])
    return int(number)


def _ending(words: Sequence[str]) -> tuple[float | None, int | None]:
    """The score and the number of the track that come after a shape, either or both.

    Raises:
        ValueError: more comes.
    """
    if not words:
        return None, None
    if len(words) > 2:
        raise ReaderError("values_too_many", count=len(words))
    has_track = words[-1].isascii() and words[-1].isdigit()
    if len(words) == 2 and not has_track:
        raise ReaderError("track_number_invalid", value=words[-1][:100])
    return (None if has_track and len(words) == 1 else float(words[0])), int(words[-1]) if has_track else None


def shares(words: Sequence[str], count: int) -> list[float]:
    """The first numbers of a row.

    Raises:
        ValueError: there are fewer, or they are no shares of a picture's size.
    """
    if len(words) < count:
        raise ReaderError("values_too_few", count=len(words), minimum=count)
    found = [float(word) for word in words[:count]]
    for share in found:
        # What is cut off may lie beyond the picture, but not far.
        if not -1 <= share <= 2:
            raise ReaderError("coordinate_not_relative", value=f"{share:g}")
    return found


def pixels(share: float, side: int) -> float:
    """A share of a side in pixels."""
    return drawn_at(share * side, side * LEFT_OPEN)


def drawn_at(number: float, left_open: float) -> float:
    """The number of two decimals that a number may stand for which is known but for `left_open`; or else itself."""
    drawn = round(number, 2)
    return drawn if abs(drawn - number) <= left_open else round(number, 6)


def box_of(words: Sequence[str], target: Target) -> Box:
    """The box of the words cx cy w h.

    Raises:
        ValueError: they are none.
    """
    cx, cy, width, height = shares(words, 4)
    if width < 0 or height < 0:
        raise ReaderError("box_size_negative")
    x1, x2 = _edges(cx, width, target.width)
    y1, y2 = _edges(cy, height, target.height)
    return Box(x1=x1, y1=y1, x2=x2, y2=y2)


def _edges(centre: float, size: float, side: int) -> tuple[float, float]:
    low, high = pixels(centre - size / 2, side), pixels(centre + size / 2, side)
    return (low, high) if low < high else ((centre - size / 2) * side, (centre + size / 2) * side)
