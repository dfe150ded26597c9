"""The format PASCAL VOC 1.1."""

from export.dataset.capabilities import OBJECT_FEATURES, SHAPE_FEATURES, Capabilities, Feature
from export.dataset.label_maps import LEFT_OUT
from export.dataset.palette import CHANGED, UNNUMBERED
from export.formats.format import ArchiveFormat
from export.formats.pascal_voc import reader, writer

FORMAT = ArchiveFormat(
    name="PASCAL VOC 1.1",
    capabilities=Capabilities(
        kinds=frozenset({"bbox", "label", *writer.AREAS}),
        features=OBJECT_FEATURES | SHAPE_FEATURES | {Feature.TRACKS, Feature.OCCLUSION, Feature.SPANS},
        changed=writer.AREAS,
        reserved=writer.BUILT_IN,
    ),
    write=writer.write,
    also_loses=(writer.TAG_ATTRIBUTES, UNNUMBERED, *LEFT_OUT, *CHANGED),
    reader=reader.READER,
    validators=("Datumaro", "supervision"),
)
