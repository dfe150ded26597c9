"""The format Market-1501 1.0."""

from export.dataset.capabilities import Capabilities, Feature
from export.formats.format import ArchiveFormat
from export.formats.market1501 import reader, writer

FORMAT = ArchiveFormat(
    name="Market-1501 1.0",
    capabilities=Capabilities(
        kinds=frozenset({"label"}), features=frozenset({Feature.ATTRIBUTES, Feature.CHANGING, Feature.SPANS})
    ),
    write=writer.write,
    also_loses=(writer.CLASSES, writer.NO_NUMBER, writer.RENAMED, writer.TAKEN),
    attributes=writer.KNOWN,
    reader=reader.READER,
    validators=("Datumaro",),
)
