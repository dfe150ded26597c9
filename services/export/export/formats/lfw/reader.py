"""The way in of LFW 1.0: whose face each picture shows, and which pictures show the same one.

A picture is a label of its person, with the attributes `positive_pairs` and `negative_pairs` that name the pictures it
is compared with as `person/picture`, apart by `;`; and points of that class, where it has landmarks. In pairs a number
stands for the picture `<person>_0012`, and `-` for nobody.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from common.geometry.types import ImageTag, Points
from export.parsing.archive_reader import Bundle
from export.parsing.detections import Sighting
from export.parsing.frames import Frames, Missing
from export.parsing.matching import Media, Miss, Place
from export.parsing.reader import Found, Reader
from export.parsing.reasons import MALFORMED, ReaderError, skipped_for

NOBODY, PAIRS = "-", ("positive_pairs", "negative_pairs")
_FACE = "face"
_PAIRS_FILE = re.compile(r"(?:.*/)?(?:pairs[^/]*)\.txt", re.IGNORECASE)
_LANDMARKS_FILE = re.compile(r"(?:.*/)?landmarks\.txt", re.IGNORECASE)
_NUMBER = re.compile(r"\d{1,9}")
_FRAME = re.compile(r"(?:.*_)?frame_\d{6,}")
_SUFFIX = re.compile(r"\.\w{1,5}$")
LANDMARKS = 5


def read(bundle: Bundle, media: Media) -> Iterator[Found]:
    """The people of all pictures, and their landmarks."""
    frames = Frames(media)
    pictures = _Pictures(media, frames)
    for name in (one for one in bundle.ending(".txt") if _PAIRS_FILE.fullmatch(one)):
        for number, cells in _rows(bundle, name):
            yield from _told(pictures.compare, f"{name}, line {number}", cells)
    for name in (one for one in bundle.ending(".txt") if _LANDMARKS_FILE.fullmatch(one)):
        for number, cells in _rows(bundle, name):
            yield from _told(pictures.landmarks, f"{name}, line {number}", cells)
    yield from pictures.labels()
    yield from frames.all_ended()


def recognize(bundle: Bundle) -> float:
    """The list of pairs in its place, or at least rows of it."""
    files = [name for name in bundle.ending(".txt") if _PAIRS_FILE.fullmatch(name)]
    if any(name.lower().endswith("annotations/pairs.txt") for name in files):
        return 0.9
    rows = bundle.beginning(files[0]).split(b"\n")[:3] if files else []
    return 0.7 if any(row.count(b"\t") in (2, 3) for row in rows) else 0.0


READER = Reader(read, recognize)


def _rows(bundle: Bundle, name: str) -> Iterator[tuple[int, list[str]]]:
    for number, line in enumerate(bundle.read(name).decode(errors="replace").split("\n"), 1):
        if cells := line.strip("\r"):
            yield number, cells.split("\t")


def _told(read: Callable[[str, Sequence[str]], Iterator[Found]], where: str, cells: Sequence[str]) -> Iterator[Found]:
    try:
        yield from read(where, cells)
    except MALFORMED as error:
        yield skipped_for(where, error)


@dataclass(slots=True)
class _Picture:
    """A picture, and those it is compared with: of the same person, and of others."""

    where: str
    person: str | None
    place: Place | Missing
    compared: tuple[list[str], list[str]] = field(default_factory=lambda: ([], []))


class _Pictures:
    """All pictures that the texts name."""

    def __init__(self, media: Media, frames: Frames) -> None:
        self._media = media
        self._frames = frames
        self._known: dict[str, _Picture] = {}
        self._others: dict[str, tuple[str, str]] = {}

    def compare(self, where: str, cells: Sequence[str]) -> Iterator[Found]:
        """A row of pairs, or a picture alone; two numbers at the head of a file say how many there are."""
        match cells:
            case [alone]:
                person, _, picture = alone.replace("\\", "/").rpartition("/")
                self._picture(where, person or NOBODY, picture)
            case [person, one, other]:
                self._pair(where, (person, one), (person, other), 0)
            case [person, one, stranger, other]:
                self._pair(where, (person, one), (stranger, other), 1)
            case [_, _]:
                pass
            case _:
                raise ReaderError("values_count_wrong", count=len(cells), expected="1–4")
        yield from ()

    def landmarks(self, where: str, cells: Sequence[str]) -> Iterator[Found]:
        """The landmarks of a picture."""
        person, _, picture = _SUFFIX.sub("", cells[0].replace("\\", "/")).rpartition("/")
        numbers = [float(cell) for cell in cells[1:]]
        if len(numbers) != 2 * LANDMARKS:
            raise ReaderError("values_count_wrong", count=len(numbers), expected=2 * LANDMARKS)
        points = Points(points=list(zip(numbers[::2], numbers[1::2], strict=True)))
        found = self._picture(where, person or NOBODY, picture)
        yield from self._frames.see(found.place, found.person or _FACE, Sighting(where, points))

    def labels(self) -> Iterator[Found]:
        """The people, once all is read; of a picture that only others are compared with, where nothing else says it."""
        seen = {found.place for found in self._known.values()}
        for name, (person, picture) in self._others.items():
            place = self._place(picture, name, person)
            if isinstance(place, Place) and place not in seen:
                self._picture(name, person, picture)
        has_pairs = [any(found.compared[kind] for found in self._known.values()) for kind in range(len(PAIRS))]
        for found in self._known.values():
            # On a video an attribute holds until another one is said.
            on_video = isinstance(found.place, Place) and found.place.medium.kind == "video"
            said: dict[str, str | bool | float] = {
                name: ";".join(names)
                for name, names, is_there in zip(PAIRS, found.compared, has_pairs, strict=True)
                if names or (on_video and is_there)
            }
            if found.person is not None:
                sighting = Sighting(found.where, ImageTag(), attributes=said)
                yield from self._frames.see(found.place, found.person, sighting, track="label")

    def _pair(self, where: str, one: tuple[str, str], other: tuple[str, str], kind: int) -> None:
        first = self._picture(where, one[0], _picture_of(*one))
        picture = _picture_of(*other)
        name = picture if other[0] == NOBODY else f"{other[0]}/{picture}"
        first.compared[kind].append(name)
        self._others.setdefault(name, (other[0], picture))

    def _picture(self, where: str, person: str, picture: str) -> _Picture:
        own = None if person == NOBODY else person
        name = f"{own}/{picture}" if own else picture
        if name not in self._known:
            self._known[name] = _Picture(where, own, self._place(picture, name, own or ""))
        return self._known[name]

    def _place(self, picture: str, name: str, person: str) -> Place | Missing:
        """The frame that a picture is; a number at the end of a person's picture is none of a video."""
        path = f"{person}/{picture}.jpg" if person else f"{picture}.jpg"
        found = None if _FRAME.fullmatch(picture) else self._media.named(path)
        return Missing(name, found.reason) if isinstance(found, Miss) else self._frames.place(path, None, name)


def _picture_of(person: str, told: str) -> str:
    """What a picture is called that a pair names by a number."""
    return f"{person}_{int(told):04d}" if _NUMBER.fullmatch(told) else told
