"""PASCAL VOC's `labelmap.txt`: colors by class."""

import re
from dataclasses import dataclass, field

from export.dataset.palette import scattered
from export.parsing.archive_reader import ArchiveReader

_LINE = re.compile(
    r"^(?P<name>.+?)\s*:\s*(?P<red>\d{1,3})\s*,\s*(?P<green>\d{1,3})\s*,\s*(?P<blue>\d{1,3})\s*(?::.*)?$"
)
# Datumaro leaves colours out that are those of VOC's palette.
_COLORLESS = re.compile(r"^(?P<name>.+?)\s*:\s*:[^,]*$")
_MOST, _LONGEST = 100_000, 1000
# The classes of the PASCAL challenges, which their archives do not name.
_CHALLENGE = re.findall(
    r"\S+",
    "background aeroplane bicycle bird boat bottle bus car cat chair cow diningtable dog horse motorbike person "
    "pottedplant sheep sofa train tvmonitor",
)
# The border of things in the challenges' pictures.
BORDER = 224 << 16 | 224 << 8 | 192


@dataclass(frozen=True, slots=True)
class LabelMap:
    """The classes in order, and their colors: red × 65536 + green × 256 + blue."""

    names: list[str] = field(default_factory=list)
    colors: dict[int, str] = field(default_factory=dict)

    def add(self, name: str, red: int, green: int, blue: int) -> None:
        """Add a class; the first of several with the same color counts."""
        self.names.append(name)
        self.colors.setdefault(red << 16 | green << 8 | blue, name)


def read_map(archive: ArchiveReader) -> LabelMap:
    """The classes of `labelmap.txt`, or else those of the PASCAL challenges."""
    found = LabelMap()
    named = [name for name in archive.names_ending("labelmap.txt") if name.rpartition("/")[2].lower() == "labelmap.txt"]
    for line in archive.read(named[0]).decode(errors="replace").split("\n")[:_MOST] if named else ():
        if line.startswith("#") or len(line) > _LONGEST:
            continue
        if raw := _LINE.match(line.strip()):
            found.add(raw["name"], int(raw["red"]), int(raw["green"]), int(raw["blue"]))
        elif raw := _COLORLESS.match(line.strip()):
            found.add(raw["name"], *scattered(len(found.names)))
    if not named:
        for number, name in enumerate(_CHALLENGE):
            found.add(name, *scattered(number))
    return found
