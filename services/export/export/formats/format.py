"""What a format is: a name, and a function that turns a dataset into the entries of an archive."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from export.codecs.zip import Entry
from export.dataset.capabilities import Carries
from export.dataset.dataset import Dataset
from export.parsing.reader import Reader

Write = Callable[[Dataset], Iterator[Entry]]


@dataclass(frozen=True, slots=True)
class ArchiveFormat:
    """A format as people choose it.

    `write` yields entries one after the other; an entry's bytes are read before the next one is asked for,
    so both may come from one pass over the dataset. What the format does not carry never reaches `write`, and is
    reported for it; only what it leaves out for reasons of its own (`also_leaves_out`, in words) it reports itself.
    `reader` is the way in, where there is one.
    """

    name: str
    carries: Carries
    write: Write
    also_leaves_out: tuple[str, ...] = ()
    reader: Reader | None = None

    def entries(self, dataset: Dataset) -> Iterator[Entry]:
        """What the format writes, and after it the media that go as they were uploaded."""
        yield from self.write(dataset)
        for medium, file in dataset.originals():
            yield Entry(f"originals/{medium.path}", file.chunks, file.size_bytes, packed=True)

    @property
    def cannot_carry(self) -> tuple[str, ...]:
        """What people should know before they choose it."""
        return (*self.carries.cannot, *self.also_leaves_out)
