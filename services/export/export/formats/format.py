"""What a format is: its name, what it can hold, its writer, its reader, and who validates its archives."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from common.contract.errors import Reason, reason_for
from export.codecs.zip import Entry
from export.dataset.capabilities import Capabilities
from export.dataset.dataset import Dataset
from export.dataset.known_attributes import OTHER_ATTRIBUTES, KnownAttributes
from export.parsing.reader import Reader

Write = Callable[[Dataset], Iterator[Entry]]


@dataclass(frozen=True, slots=True)
class ArchiveFormat:
    """A format as people choose it.

    `write` yields entries one after the other; an entry's bytes are read before the next one is asked for, so that both
    may come from one pass over the dataset. It sees only what the format is capable of; what it loses beyond that it
    counts itself (`also_loses`, reason codes). Where a format has fields for some `attributes` only, it loses others.
    `validators` are the programs of other authors by which tests read its archives.
    """

    name: str
    capabilities: Capabilities
    write: Write
    also_loses: tuple[str, ...] = ()
    attributes: KnownAttributes | None = None
    reader: Reader | None = None
    validators: tuple[str, ...] = ()

    def entries(self, dataset: Dataset) -> Iterator[Entry]:
        """The entries of an archive: those of the format, then the media that are exported as they were uploaded."""
        yield from self.write(dataset.limited_to(self.capabilities))
        for medium, file in dataset.originals():
            yield Entry(f"originals/{medium.path}", file.chunks, file.size_bytes, packed=True)

    @property
    def losses(self) -> tuple[str, ...]:
        """The reason codes of all that an export may lose or change, each once."""
        others = (OTHER_ATTRIBUTES,) if self.attributes else ()
        return tuple(dict.fromkeys((*self.capabilities.losses, *others, *self.also_loses)))

    @property
    def cannot_carry(self) -> tuple[Reason, ...]:
        """What people should know before they choose the format."""
        return tuple(map(self._reason, self.losses))

    def _reason(self, code: str) -> Reason:
        if code == OTHER_ATTRIBUTES and self.attributes:
            return reason_for(code, names=self.attributes.listed)
        return reason_for(code)


@dataclass(frozen=True, slots=True)
class ImportFormat:
    """A format that is only imported."""

    name: str
    capabilities: Capabilities
    reader: Reader
