"""Reader of LFW 1.0: the person on each image, pairs of images, and landmarks.

An image gets a label of its person, with the attributes `positive_pairs` and `negative_pairs` that list the compared
images as `person/image`, separated by `;`; landmarks become points of that class. In pairs, a number stands for the
image `<person>_0012`, and `-` for an unknown person.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from common.geometry.types import ImageTag, Points
from export.parsing.archive_reader import ArchiveReader
from export.parsing.detections import Detection
from export.parsing.media_index import MatchedFrame, MediaIndex, NoMatch
from export.parsing.object_collector import ObjectCollector, UnmatchedFrame
from export.parsing.reader import Parsed, Reader
from export.parsing.reasons import ReaderError, or_skipped

NOBODY, PAIRS = "-", ("positive_pairs", "negative_pairs")
_FACE = "face"
_PAIRS_FILE = re.compile(r"(?:.*/)?(?:pairs[^/]*)\.txt", re.IGNORECASE)
_LANDMARKS_FILE = re.compile(r"(?:.*/)?landmarks\.txt", re.IGNORECASE)
_NUMBER = re.compile(r"\d{1,9}")
_FRAME = re.compile(r"(?:.*_)?frame_\d{6,}")
_SUFFIX = re.compile(r"\.\w{1,5}$")
LANDMARKS = 5


def read(archive: ArchiveReader, media: MediaIndex) -> Iterator[Parsed]:
    """The people of all images, and their landmarks."""
    collector = ObjectCollector(media)
    images = _Images(media, collector)
    for name in (file for file in archive.names_ending(".txt") if _PAIRS_FILE.fullmatch(file)):
        for number, cells in _rows(archive, name):
            where = f"{name}, line {number}"
            yield from or_skipped(where, images.compare, where, cells)
    for name in (file for file in archive.names_ending(".txt") if _LANDMARKS_FILE.fullmatch(file)):
        for number, cells in _rows(archive, name):
            where = f"{name}, line {number}"
            yield from or_skipped(where, images.landmarks, where, cells)
    yield from images.labels()
    yield from collector.finish()


def detect(archive: ArchiveReader) -> float:
    """A list of pairs in its folder, or at least rows of pairs."""
    files = [name for name in archive.names_ending(".txt") if _PAIRS_FILE.fullmatch(name)]
    if any(name.lower().endswith("annotations/pairs.txt") for name in files):
        return 0.9
    rows = archive.head(files[0]).split(b"\n")[:3] if files else []
    return 0.7 if any(row.count(b"\t") in (2, 3) for row in rows) else 0.0


READER = Reader(read, detect)


def _rows(archive: ArchiveReader, name: str) -> Iterator[tuple[int, list[str]]]:
    for number, line in enumerate(archive.read(name).decode(errors="replace").split("\n"), 1):
        if cells := line.strip("\r"):
            yield number, cells.split("\t")


@dataclass(slots=True)
class _Image:
    """An image and the images it is compared with: of the same person, and of others."""

    where: str
    person: str | None
    matched: MatchedFrame | UnmatchedFrame
    compared: tuple[list[str], list[str]] = field(default_factory=lambda: ([], []))


class _Images:
    """All images in the lists."""

    def __init__(self, media: MediaIndex, collector: ObjectCollector) -> None:
        self._media = media
        self._collector = collector
        self._known: dict[str, _Image] = {}
        self._others: dict[str, tuple[str, str]] = {}

    def compare(self, where: str, cells: Sequence[str]) -> Iterator[Parsed]:
        """A row of pairs or a single image; two numbers at the start of a file are counts."""
        match cells:
            case [single]:
                person, _, image = single.replace("\\", "/").rpartition("/")
                self._image(where, person or NOBODY, image)
            case [person, first, second]:
                self._pair(where, (person, first), (person, second), 0)
            case [person, first, other_person, second]:
                self._pair(where, (person, first), (other_person, second), 1)
            case [_, _]:
                pass
            case _:
                raise ReaderError("values_count_wrong", count=len(cells), expected="1–4")
        yield from ()

    def landmarks(self, where: str, cells: Sequence[str]) -> Iterator[Parsed]:
        """The landmarks of an image."""
        person, _, image = _SUFFIX.sub("", cells[0].replace("\\", "/")).rpartition("/")
        numbers = [float(cell) for cell in cells[1:]]
        if len(numbers) != 2 * LANDMARKS:
            raise ReaderError("values_count_wrong", count=len(numbers), expected=2 * LANDMARKS)
        points = Points(points=list(zip(numbers[::2], numbers[1::2], strict=True)))
        record = self._image(where, person or NOBODY, image)
        yield from self._collector.add(record.matched, record.person or _FACE, Detection(where, points))

    def labels(self) -> Iterator[Parsed]:
        """The people, once everything is read; of images that are only compared with, if nothing else names them."""
        seen = {image.matched for image in self._known.values()}
        for name, (person, file) in self._others.items():
            matched = self._match(file, name, person)
            if isinstance(matched, MatchedFrame) and matched not in seen:
                self._image(name, person, file)
        has_pairs = [any(image.compared[kind] for image in self._known.values()) for kind in range(len(PAIRS))]
        for image in self._known.values():
            # On a video, an attribute holds until the next value.
            on_video = isinstance(image.matched, MatchedFrame) and image.matched.medium.kind == "video"
            attributes: dict[str, str | bool | float] = {
                name: ";".join(names)
                for name, names, is_there in zip(PAIRS, image.compared, has_pairs, strict=True)
                if names or (on_video and is_there)
            }
            if image.person is not None:
                detection = Detection(image.where, ImageTag(), attributes=attributes)
                yield from self._collector.add(image.matched, image.person, detection, track="label")

    def _pair(self, where: str, first_cells: tuple[str, str], second_cells: tuple[str, str], kind: int) -> None:
        first = self._image(where, first_cells[0], _image_of(*first_cells))
        image = _image_of(*second_cells)
        name = image if second_cells[0] == NOBODY else f"{second_cells[0]}/{image}"
        first.compared[kind].append(name)
        self._others.setdefault(name, (second_cells[0], image))

    def _image(self, where: str, person: str, image: str) -> _Image:
        known_person = None if person == NOBODY else person
        name = f"{known_person}/{image}" if known_person else image
        if name not in self._known:
            self._known[name] = _Image(where, known_person, self._match(image, name, known_person or ""))
        return self._known[name]

    def _match(self, image: str, name: str, person: str) -> MatchedFrame | UnmatchedFrame:
        """The frame of an image; a number at the end of a person's image is not a frame number."""
        path = f"{person}/{image}.jpg" if person else f"{image}.jpg"
        matched = None if _FRAME.fullmatch(image) else self._media.named(path)
        return (
            UnmatchedFrame(name, matched.reason)
            if isinstance(matched, NoMatch)
            else self._collector.match(path, None, name)
        )


def _image_of(person: str, raw: str) -> str:
    """The image that a pair names by number."""
    return f"{person}_{int(raw):04d}" if _NUMBER.fullmatch(raw) else raw
