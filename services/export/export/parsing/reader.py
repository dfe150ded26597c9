"""What a reader is: it says whether an archive is for it, and turns it into objects."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from common.contract.missions import Mission
from common.contract.questions import SkippedRow
from export.parsing.archive_reader import ArchiveReader
from export.parsing.imported_object import ImportedObject
from export.parsing.media_index import MediaIndex


@dataclass(frozen=True, slots=True)
class DeclaredMission:
    """A mission as the archive describes it."""

    mission: Mission


Parsed = ImportedObject | SkippedRow | DeclaredMission
Read = Callable[[ArchiveReader, MediaIndex], Iterator[Parsed]]
# How sure it is that an archive is of a format, 0 to 1.
Detect = Callable[[ArchiveReader], float]


class Reader(NamedTuple):
    """The two sides of a way in. `read` tells what does not become an object as `SkippedRow`, and goes on."""

    read: Read
    detect: Detect
