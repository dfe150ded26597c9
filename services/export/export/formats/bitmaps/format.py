"""The formats Bitmaps PNG and Bitmaps BMP."""

from functools import partial

from export.dataset.capabilities import Capabilities, Feature
from export.dataset.label_maps import CAPABILITIES as MASKS
from export.dataset.label_maps import TOO_LARGE
from export.dataset.rows import NOTHING
from export.dataset.texts import REPLACED
from export.formats.bitmaps import reader, writer
from export.formats.format import ArchiveFormat

PNG = ArchiveFormat(
    name="Bitmaps PNG",
    capabilities=Capabilities(MASKS.kinds, MASKS.features - {Feature.Z_ORDER}, MASKS.changed),
    write=partial(writer.write, suffix="png"),
    also_loses=(NOTHING, TOO_LARGE, REPLACED),
    reader=reader.PNG,
)

BMP = ArchiveFormat(
    name="Bitmaps BMP",
    capabilities=Capabilities(MASKS.kinds, MASKS.features - {Feature.Z_ORDER}, MASKS.changed),
    write=partial(writer.write, suffix="bmp"),
    also_loses=(NOTHING, TOO_LARGE, REPLACED),
    reader=reader.BMP,
)
