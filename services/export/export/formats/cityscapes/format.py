"""The format Cityscapes 1.0."""

from export.dataset.capabilities import Capabilities, Feature
from export.dataset.label_maps import CAPABILITIES as MASKS
from export.dataset.label_maps import LEFT_OUT
from export.dataset.palette import CHANGED, UNKNOWN_CLASS, UNNUMBERED
from export.formats.camvid.writer import MERGED
from export.formats.cityscapes import reader, writer
from export.formats.format import ArchiveFormat

FORMAT = ArchiveFormat(
    name="Cityscapes 1.0",
    capabilities=Capabilities(MASKS.kinds, MASKS.features | {Feature.ATTRIBUTES, Feature.CHANGING}, MASKS.changed),
    write=writer.write,
    also_loses=(*LEFT_OUT, *CHANGED, MERGED, UNNUMBERED, UNKNOWN_CLASS),
    attributes=writer.ATTRIBUTES,
    reader=reader.READER,
    validators=("cityscapesScripts",),
)
