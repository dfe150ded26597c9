"""The format Segmentation mask 1.1."""

from export.dataset.label_maps import CAPABILITIES, LEFT_OUT
from export.dataset.palette import CHANGED, UNNUMBERED
from export.formats.format import ArchiveFormat
from export.formats.segmentation_mask import reader, writer

FORMAT = ArchiveFormat(
    name="Segmentation mask 1.1",
    capabilities=CAPABILITIES,
    write=writer.write,
    also_loses=(*LEFT_OUT, *CHANGED, UNNUMBERED),
    reader=reader.READER,
    validators=("Datumaro",),
)
