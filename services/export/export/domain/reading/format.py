"""What a reader is: it says whether an archive is for it, and turns it into objects."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from common.missions import Mission
from common.questions import Skipped
from export.domain.reading.bundle import Bundle
from export.domain.reading.imported import Imported
from export.domain.reading.matching import Media


@dataclass(frozen=True, slots=True)
class Declared:
    """A mission as the archive describes it."""

    mission: Mission


Found = Imported | Skipped | Declared
Read = Callable[[Bundle, Media], Iterator[Found]]
# How sure it is that an archive is of a format, 0 to 1.
Recognize = Callable[[Bundle], float]


class Reader(NamedTuple):
    """The two sides of a way in. `read` tells what does not become an object as `Skipped`, and goes on."""

    read: Read
    recognize: Recognize


@dataclass(slots=True)
class Misses:
    """What archives call media that are not there, each told once with how much was meant for it."""

    _counts: dict[tuple[str, str], int] = field(default_factory=dict)

    def add(self, where: str, why: str) -> None:
        """Note one more label that has no medium."""
        self._counts[where, why] = self._counts.get((where, why), 0) + 1

    def told(self, what: str = "labels") -> Iterable[Skipped]:
        """All of them."""
        for (where, why), count in self._counts.items():
            yield Skipped(where=where, why=why if count == 1 else f"{why} ({count} {what})")
