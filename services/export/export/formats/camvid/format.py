"""The format CamVid 1.0."""

from export.dataset.label_maps import CAPABILITIES, LEFT_OUT
from export.dataset.palette import CHANGED
from export.formats.camvid import reader, writer
from export.formats.format import ArchiveFormat

FORMAT = ArchiveFormat(
    name="CamVid 1.0",
    capabilities=CAPABILITIES,
    write=writer.write,
    also_loses=(*LEFT_OUT, *CHANGED, writer.MERGED),
    reader=reader.READER,
    validators=("Datumaro",),
)
