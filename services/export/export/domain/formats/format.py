"""What a format is: a name, and a function that turns a dataset into the entries of an archive."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from export.domain.archive import Entry
from export.domain.dataset import Dataset

Write = Callable[[Dataset], Iterator[Entry]]


@dataclass(frozen=True, slots=True)
class ArchiveFormat:
    """A format as people choose it.

    `write` yields entries one after the other; an entry's bytes are read before the next one is asked for,
    so both may come from one pass over the dataset. What it leaves out, it notes in the dataset's report,
    under names that `cannot_carry` tells beforehand.
    """

    name: str
    cannot_carry: tuple[str, ...]
    write: Write
