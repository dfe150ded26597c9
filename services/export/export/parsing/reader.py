"""What a reader is: it says whether an archive is for it, and turns it into objects."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from common.contract.missions import Mission
from common.contract.questions import SkippedRow
from export.parsing.archive_reader import Bundle
from export.parsing.imported import Imported
from export.parsing.matching import Media


@dataclass(frozen=True, slots=True)
class Declared:
    """A mission as the archive describes it."""

    mission: Mission


Found = Imported | SkippedRow | Declared
Read = Callable[[Bundle, Media], Iterator[Found]]
# How sure it is that an archive is of a format, 0 to 1.
Recognize = Callable[[Bundle], float]


class Reader(NamedTuple):
    """The two sides of a way in. `read` tells what does not become an object as `SkippedRow`, and goes on."""

    read: Read
    recognize: Recognize
