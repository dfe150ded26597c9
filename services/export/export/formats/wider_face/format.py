"""The format WiderFace 1.0."""

from export.dataset.capabilities import Capabilities, Feature
from export.dataset.image_tags import FURTHER
from export.dataset.rows import AROUND
from export.dataset.texts import REPLACED
from export.formats.format import ArchiveFormat
from export.formats.wider_face import reader, writer

FORMAT = ArchiveFormat(
    name="WiderFace 1.0",
    capabilities=Capabilities(
        kinds=frozenset({"bbox", "label"}),
        features=frozenset({Feature.ATTRIBUTES, Feature.CHANGING, Feature.OCCLUSION, Feature.ROTATION, Feature.SPANS}),
        changed={Feature.ROTATION: AROUND},
        reserved=frozenset({"occluded"}),
    ),
    write=writer.write,
    also_loses=(FURTHER, REPLACED),
    attributes=writer.KNOWN,
    reader=reader.READER,
    validators=("Datumaro",),
)
