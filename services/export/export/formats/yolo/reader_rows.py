"""The rows of a YOLO data set, `class …` with coordinates relative to the image size."""

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from common.contract.errors import reason_for
from common.contract.questions import SkippedRow
from common.geometry.types import Box, Geometry, ImageTag, Keypoint
from export.formats.yolo.reader_config import ConfigError, DatasetConfig, read_config
from export.formats.yolo.reader_images import Images, Labeled
from export.parsing.archive_reader import ArchiveReader
from export.parsing.detections import Detection
from export.parsing.media_index import MatchedFrame, MediaIndex, TargetMedium
from export.parsing.object_collector import ObjectCollector, UnmatchedFrame
from export.parsing.reader import Parsed, Read
from export.parsing.reasons import ReaderError, or_skipped

# The precision of an edge with six decimals: half a size away from the center.
LEFT_OPEN = 0.75e-6
_NOWHERE = Detection("", ImageTag())


class ParsedShape(NamedTuple):
    """The shape of a row and the values after it."""

    geometry: Geometry
    rest: Sequence[str]
    keypoints: Sequence[Keypoint] = ()


class Row(NamedTuple):
    """The class number and the values of a row, with its medium and the configuration."""

    number: int
    words: Sequence[str]
    target: TargetMedium
    config: DatasetConfig


ParseShape = Callable[[Row], ParsedShape]


def reading(parse: ParseShape) -> Read:
    """A reader of archives whose rows `draw` parses."""

    def read(archive: ArchiveReader, media: MediaIndex) -> Iterator[Parsed]:
        try:
            config = read_config(archive)
        except ConfigError as error:
            yield SkippedRow(where=error.file, reason=error.reason)
            return
        yield from _Rows(archive, media, config, parse).objects()

    return read


class _Rows:
    """The rows of an archive."""

    def __init__(self, archive: ArchiveReader, media: MediaIndex, config: DatasetConfig, parse: ParseShape) -> None:
        self._archive = archive
        self._config = config
        self._parse = parse
        self._collector = ObjectCollector(media)

    def objects(self) -> Iterator[Parsed]:
        """Objects of single frames in order, tracks at the end of their video."""
        images = Images(self._archive, self._config).matched(self._collector)
        for _, group in groupby(
            images, key=lambda image: isinstance(image.matched, MatchedFrame) and image.matched.medium.id
        ):
            is_video = False
            for image in group:
                is_video = isinstance(image.matched, MatchedFrame) and image.matched.medium.kind == "video"
                yield from self._image(image)
            if is_video:
                yield from self._collector.finish_tracks()
        yield from self._collector.finish()

    def _image(self, image: Labeled) -> Iterator[Parsed]:
        """The objects of an image."""
        matched = image.matched
        if image.labels is None:
            return
        if isinstance(matched, MatchedFrame) and not (matched.medium.width and matched.medium.height):
            matched = UnmatchedFrame(matched.medium.name, reason_for("image_size_unknown"))
        lines = self._archive.read(image.labels).decode(errors="replace").split("\n")
        for number, line in enumerate(lines, 1):
            words = line.split()
            if not words:
                continue
            if isinstance(matched, UnmatchedFrame):
                yield from self._collector.add(matched, "?", _NOWHERE)
                continue
            where = f"{image.labels}, line {number}"
            yield from or_skipped(where, self._object, where, words, matched)

    def _object(self, where: str, words: list[str], matched: MatchedFrame) -> Iterator[Parsed]:
        number = whole(words[0])
        shape = self._parse(Row(number, words[1:], matched.medium, self._config))
        score, track = _ending(shape.rest)
        detection = Detection(where, shape.geometry, score=score, keypoints=shape.keypoints)
        yield from self._collector.add(matched, self._config.category(number), detection, track=track)


def whole(word: str) -> int:
    """A class number, which some programs write with decimals.

    Raises:
        ValueError: the data does not follow the format.
    """
    number = int(word) if word.isascii() and word.isdigit() else float(word)
    if number != int(number) or number < 0:
        raise ReaderError("class_number_invalid", value=word[:100])
    return int(number)


def _ending(words: Sequence[str]) -> tuple[float | None, int | None]:
    """The score and the track number after a shape, both optional.

    Raises:
        ValueError: the data does not follow the format.
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
    """The first values of a row as relative coordinates.

    Raises:
        ValueError: the data does not follow the format.
    """
    if len(words) < count:
        raise ReaderError("values_too_few", count=len(words), minimum=count)
    values = [float(word) for word in words[:count]]
    for value in values:
        # Clipped coordinates may lie outside the image, but not far.
        if not -1 <= value <= 2:
            raise ReaderError("coordinate_not_relative", value=f"{value:g}")
    return values


def pixels(share: float, side: int) -> float:
    """A relative coordinate in pixels."""
    return rounded(share * side, side * LEFT_OPEN)


def rounded(number: float, tolerance: float) -> float:
    """The value with two decimals, if it is within `tolerance` of the given value."""
    two_decimals = round(number, 2)
    return two_decimals if abs(two_decimals - number) <= tolerance else round(number, 6)


def box_of(words: Sequence[str], target: TargetMedium) -> Box:
    """The box of cx, cy, w and h.

    Raises:
        ValueError: the data does not follow the format.
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
