"""The format LFW 1.0."""

from export.dataset.capabilities import Capabilities, Feature
from export.dataset.image_tags import FURTHER
from export.dataset.texts import REPLACED
from export.formats.format import ArchiveFormat
from export.formats.lfw import reader, writer
from export.formats.vggface2.writer import NOT_FIVE

FORMAT = ArchiveFormat(
    name="LFW 1.0",
    capabilities=Capabilities(
        kinds=frozenset({"label", "points"}), features=frozenset({Feature.ATTRIBUTES, Feature.CHANGING, Feature.SPANS})
    ),
    write=writer.write,
    also_loses=(writer.NO_PAIRS, NOT_FIVE, FURTHER, REPLACED),
    attributes=writer.KNOWN,
    reader=reader.READER,
    validators=("Datumaro",),
)
