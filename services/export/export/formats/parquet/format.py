"""The format Parquet."""

from export.dataset.capabilities import KINDS, Capabilities, Feature
from export.formats.format import ArchiveFormat
from export.formats.parquet import reader, writer

FORMAT = ArchiveFormat(
    name="Parquet",
    capabilities=Capabilities(frozenset(KINDS), frozenset(Feature) - {Feature.AFTER_END}),
    write=writer.write,
    reader=reader.READER,
)
