"""The interface of a format's reader."""

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
    """A mission that the archive declares."""

    mission: Mission


Parsed = ImportedObject | SkippedRow | DeclaredMission
Read = Callable[[ArchiveReader, MediaIndex], Iterator[Parsed]]
# The confidence, 0 to 1, that an archive has a format.
Detect = Callable[[ArchiveReader], float]


class Reader(NamedTuple):
    """A reader: `read` yields objects and skipped rows, `detect` returns the confidence from 0 to 1 that an archive
    has this format."""

    read: Read
    detect: Detect
