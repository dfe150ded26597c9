"""The formats Bitmaps PNG and Bitmaps BMP."""

from functools import partial

from export.dataset.capabilities import Capabilities, Feature
from export.dataset.label_maps import CAPABILITIES as MASKS
from export.dataset.label_maps import TOO_LARGE
from export.dataset.rows import NOTHING
from export.dataset.texts import REPLACED
from export.formats.bitmaps import reader, writer
from export.formats.format import ArchiveFormat
from export.parsing.reader import Reader


def _format(suffix: str, bitmap_reader: Reader) -> ArchiveFormat:
    return ArchiveFormat(
        name=f"Bitmaps {suffix.upper()}",
        capabilities=Capabilities(MASKS.kinds, MASKS.features - {Feature.Z_ORDER}, MASKS.changed),
        write=partial(writer.write, suffix=suffix),
        also_loses=(NOTHING, TOO_LARGE, REPLACED),
        reader=bitmap_reader,
    )


PNG, BMP = _format("png", reader.PNG), _format("bmp", reader.BMP)
