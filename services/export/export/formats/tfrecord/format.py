"""The format TFRecord 1.0."""

from export.dataset.capabilities import Capabilities, Feature
from export.dataset.rows import AROUND, CUT, NOTHING
from export.formats.format import AREAS_AS_MASKS, ArchiveFormat
from export.formats.tfrecord import reader, writer

FORMAT = ArchiveFormat(
    name="TFRecord 1.0",
    capabilities=Capabilities(
        kinds=frozenset({"bbox", "polygon", "bitmap", "circle", "ellipse"}),
        features=frozenset({Feature.ROTATION, Feature.HOLES, Feature.PARTS}),
        changed={**AREAS_AS_MASKS, Feature.ROTATION: AROUND},
    ),
    write=writer.write,
    also_loses=(CUT, NOTHING),
    reader=reader.READER,
    validators=("tfrecord",),
)
