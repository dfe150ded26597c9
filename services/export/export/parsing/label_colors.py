"""The names of classes by the colours that pictures show them in: `label_colors.txt`, read."""

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from export.dataset.palette import scattered
from export.parsing.archive_reader import ArchiveReader

_ROW = re.compile(r"(\d{1,3})\s+(\d{1,3})\s+(\d{1,3})\s+(\S.*)")

_FILES = ("label_colors.txt", "label_color.txt")


class Class(NamedTuple):
    """A class, and its colour as a number: red × 65536 + green × 256 + blue."""

    name: str
    color: int


def label_colors(archive: ArchiveReader) -> list[Class]:
    """The classes of `label_colors.txt`, a line `R G B name` for each, in their order; none if there is no such
    file."""
    placed = [name for name in archive.names_ending(*_FILES) if name.rpartition("/")[2].lower() in _FILES]
    if not placed:
        return []
    lines = archive.read(min(placed, key=lambda name: name.count("/"))).decode(errors="replace").split("\n")
    raw = (line.strip() for line in lines)
    return [_class(line, number) for number, line in enumerate(line for line in raw if line and line[0] != "#")]


def parse_classes(classes: str) -> list[Class]:
    """Classes from text: `name R G B` for each, with a comma between them."""
    split = (one.rsplit(maxsplit=3) for one in classes.split(","))
    return [Class(name, _number(color)) for name, *color in split]


def by_color(classes: Sequence[Class]) -> Mapping[int, str]:
    """The names by colour; of two classes of one colour the first counts."""
    return {found.color: found.name for found in reversed(classes)}


def class_numbers(classes: Sequence[Class]) -> Mapping[int, str]:
    """The names by number, the black class or else one called background being 0, wherever it stands."""
    black = next((found.name for found in classes if not found.color), "background")
    return dict(enumerate([black, *(found.name for found in classes if found.name != black)]))


def _class(line: str, number: int) -> Class:
    found = _ROW.fullmatch(line)
    return Class(found[4], _number(found.groups()[:3])) if found else Class(line, _number(scattered(number)))


def _number(color: Sequence[str | int]) -> int:
    red, green, blue = map(int, color)
    return red << 16 | green << 8 | blue
