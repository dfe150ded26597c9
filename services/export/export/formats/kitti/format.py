"""The format KITTI 1.0."""

from export.dataset.capabilities import Capabilities, Feature
from export.dataset.label_maps import CAPABILITIES as MASKS
from export.dataset.label_maps import LEFT_OUT
from export.dataset.palette import CHANGED, UNKNOWN_CLASS, UNNUMBERED
from export.formats.format import ArchiveFormat
from export.formats.kitti import reader, writer

FORMAT = ArchiveFormat(
    name="KITTI 1.0",
    capabilities=Capabilities(
        kinds=MASKS.kinds,
        features=MASKS.features | {Feature.OCCLUSION, Feature.SCORES, Feature.ATTRIBUTES, Feature.CHANGING},
        changed={kind: words for kind, words in MASKS.changed.items() if kind != "bbox"},
    ),
    write=writer.write,
    also_loses=(*LEFT_OUT, *CHANGED, UNNUMBERED, UNKNOWN_CLASS, writer.ROTATED, writer.MASK_PROPERTIES),
    attributes=writer.ATTRIBUTES,
    reader=reader.READER,
    validators=("Datumaro",),
)
