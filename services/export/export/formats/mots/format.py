"""The format MOTS PNG 1.0."""

from export.dataset.capabilities import Capabilities, Feature
from export.dataset.label_maps import CAPABILITIES as MASKS
from export.dataset.label_maps import LEFT_OUT
from export.dataset.palette import CHANGED, RECOLORED
from export.formats.format import ArchiveFormat
from export.formats.mots import reader, writer

FORMAT = ArchiveFormat(
    name="MOTS PNG 1.0",
    capabilities=Capabilities(MASKS.kinds, MASKS.features | {Feature.TRACKS}, MASKS.changed),
    write=writer.write,
    also_loses=(*LEFT_OUT, *(words for words in CHANGED if words != RECOLORED), writer.UNNUMBERED),
    reader=reader.READER,
    validators=("Datumaro",),
)
