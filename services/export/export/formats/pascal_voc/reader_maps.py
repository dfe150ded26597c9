"""PASCAL VOC's `labelmap.txt`: colors by class."""

import re
from dataclasses import dataclass, field

from export.dataset.palette import scattered
from export.parsing.archive_reader import ArchiveReader

_LINE = re.compile(
    r"^(?P<name>.+?)\s*:\s*(?P<red>\d{1,3})\s*,\s*(?P<green>\d{1,3})\s*,\s*(?P<blue>\d{1,3})\s*(?::.*)?$"
)
# Datumaro omits colors that are those of VOC's palette.
_COLORLESS = re.compile(r"^(?P<name>.+?)\s*:\s*:[^,]*$")
_MOST, _LONGEST = 100_000, 1000
# The classes of the PASCAL challenges, whose archives do not list them.
_CHALLENGE = re.findall(
    r"\S+",
    "background aeroplane bicycle bird boat bottle bus car cat chair cow diningtable dog horse motorbike person "
    "pottedplant sheep sofa train tvmonitor",
)
# The color of object borders in the challenges' masks.
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
    label_map = LabelMap()
    files = [name for name in archive.names_ending("labelmap.txt") if name.rpartition("/")[2].lower() == "labelmap.txt"]
    for line in archive.read(files[0]).decode(errors="replace").split("\n")[:_MOST] if files else ():
        if line.startswith("#") or len(line) > _LONGEST:
            continue
        if match := _LINE.match(line.strip()):
            label_map.add(match["name"], int(match["red"]), int(match["green"]), int(match["blue"]))
        elif match := _COLORLESS.match(line.strip()):
            label_map.add(match["name"], *scattered(len(label_map.names)))
    if not files:
        for number, name in enumerate(_CHALLENGE):
            label_map.add(name, *scattered(number))
    return label_map
