"""The format VGGFace2 1.0."""

from export.dataset.capabilities import Capabilities, Feature
from export.dataset.image_tags import FURTHER
from export.dataset.rows import AROUND
from export.dataset.texts import REPLACED
from export.formats.format import ArchiveFormat
from export.formats.vggface2 import reader, writer

FORMAT = ArchiveFormat(
    name="VGGFace2 1.0",
    capabilities=Capabilities(
        kinds=frozenset({"bbox", "points", "label"}),
        features=frozenset({Feature.ROTATION, Feature.SPANS}),
        changed={Feature.ROTATION: AROUND},
    ),
    write=writer.write,
    also_loses=(writer.OTHERS, writer.NOT_FIVE, FURTHER, REPLACED),
    reader=reader.READER,
    validators=("Datumaro",),
)
