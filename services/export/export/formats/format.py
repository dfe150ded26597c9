"""A format: its name, capabilities, writer, reader and validators."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from common.contract.errors import Reason, reason_for
from export.codecs.zip import Entry
from export.dataset.capabilities import Capabilities
from export.dataset.dataset import Dataset
from export.dataset.known_attributes import OTHER_ATTRIBUTES, KnownAttributes
from export.parsing.reader import Reader

Write = Callable[[Dataset], Iterator[Entry]]

# The form in which formats of boxes and masks export other areas.
AREAS_AS_MASKS = {"polygon": "polygons_as_masks", "circle": "circles_as_masks", "ellipse": "ellipses_as_masks"}


@dataclass(frozen=True, slots=True)
class ArchiveFormat:
    """A format that can be exported.

    `write` yields entries one by one; the bytes of an entry are read before the next entry is requested, so that both
    may come from one pass over the dataset. The dataset is limited to the format's capabilities; further losses are
    counted by the writer (`also_loses`, reason codes). If the format has fields for some `attributes` only, all others
    are lost. `validators` are third-party programs that read its archives in tests.
    """

    name: str
    capabilities: Capabilities
    write: Write
    also_loses: tuple[str, ...] = ()
    attributes: KnownAttributes | None = None
    reader: Reader | None = None
    validators: tuple[str, ...] = ()

    def entries(self, dataset: Dataset) -> Iterator[Entry]:
        """The entries of an archive: the format's own, then the media that are exported as uploaded."""
        yield from self.write(dataset.limited_to(self.capabilities))
        for medium, file in dataset.originals():
            yield Entry(f"originals/{medium.path}", file.chunks, file.size_bytes, packed=True)

    @property
    def losses(self) -> tuple[str, ...]:
        """The reason codes of everything that an export may lose or change, without duplicates."""
        others = (OTHER_ATTRIBUTES,) if self.attributes else ()
        return tuple(dict.fromkeys((*self.capabilities.losses, *others, *self.also_loses)))

    @property
    def cannot_carry(self) -> tuple[Reason, ...]:
        """The limitations that are shown before the format is chosen."""
        return tuple(map(self._reason, self.losses))

    def _reason(self, code: str) -> Reason:
        if code == OTHER_ATTRIBUTES and self.attributes:
            return reason_for(code, names=self.attributes.listed)
        return reason_for(code)


@dataclass(frozen=True, slots=True)
class ImportFormat:
    """A format that can only be imported."""

    name: str
    capabilities: Capabilities
    reader: Reader
