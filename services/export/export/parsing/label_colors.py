"""Class names by mask color, from `label_colors.txt`."""

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from export.dataset.palette import scattered
from export.parsing.archive_reader import ArchiveReader

_ROW = re.compile(r"(\d{1,3})\s+(\d{1,3})\s+(\d{1,3})\s+(\S.*)")

_FILES = ("label_colors.txt", "label_color.txt")


class Class(NamedTuple):
    """A class and its color as a number: red × 65536 + green × 256 + blue."""

    name: str
    color: int


def label_colors(archive: ArchiveReader) -> list[Class]:
    """The classes of `label_colors.txt` (one `R G B name` per line) in order; empty without such a file."""
    placed = [name for name in archive.names_ending(*_FILES) if name.rpartition("/")[2].lower() in _FILES]
    if not placed:
        return []
    lines = archive.read(min(placed, key=lambda name: name.count("/"))).decode(errors="replace").split("\n")
    raw = (line.strip() for line in lines)
    return [_class(line, number) for number, line in enumerate(line for line in raw if line and line[0] != "#")]


def parse_classes(classes: str) -> list[Class]:
    """Classes from comma-separated text: `name R G B`."""
    split = (entry.rsplit(maxsplit=3) for entry in classes.split(","))
    return [Class(name, _number(color)) for name, *color in split]


def by_color(classes: Sequence[Class]) -> Mapping[int, str]:
    """Names by color; the first of two classes with the same color counts."""
    return {found.color: found.name for found in reversed(classes)}


def class_numbers(classes: Sequence[Class]) -> Mapping[int, str]:
    """Names by class number; 0 is the black class, or else `background`."""
    black = next((found.name for found in classes if not found.color), "background")
    return dict(enumerate([black, *(found.name for found in classes if found.name != black)]))


def _class(line: str, number: int) -> Class:
    found = _ROW.fullmatch(line)
    return Class(found[4], _number(found.groups()[:3])) if found else Class(line, _number(scattered(number)))


def _number(color: Sequence[str | int]) -> int:
    red, green, blue = map(int, color)
    return red << 16 | green << 8 | blue
