"""The formats ICDAR Localization 1.0, ICDAR Recognition 1.0 and ICDAR Segmentation 1.0."""

from export.dataset.capabilities import Capabilities, Feature
from export.dataset.label_maps import CAPABILITIES as MASKS
from export.dataset.label_maps import LEFT_OUT
from export.dataset.rows import NOTHING
from export.dataset.texts import REPLACED
from export.formats.format import ArchiveFormat
from export.formats.icdar import (
    reader_localization,
    reader_recognition,
    reader_segmentation,
    writer_localization,
    writer_recognition,
    writer_segmentation,
)
from export.formats.icdar.writer_localization import CLASSES, KNOWN

LOCALIZATION = ArchiveFormat(
    name="ICDAR Localization 1.0",
    capabilities=Capabilities(
        kinds=frozenset({"bbox", "polygon"}),
        features=frozenset({Feature.ATTRIBUTES, Feature.CHANGING, Feature.ROTATION, Feature.PARTS}),
        changed={Feature.ROTATION: "rotated_boxes_as_polygons", Feature.PARTS: "parts_as_polygons"},
    ),
    write=writer_localization.write,
    also_loses=(writer_localization.CLASSES, NOTHING, REPLACED),
    attributes=writer_localization.KNOWN,
    reader=reader_localization.READER,
    validators=("Datumaro",),
)

RECOGNITION = ArchiveFormat(
    name="ICDAR Recognition 1.0",
    capabilities=Capabilities(
        kinds=frozenset({"label", "bbox", "polygon"}),
        features=frozenset({Feature.ATTRIBUTES, Feature.CHANGING, Feature.SPANS}),
        changed={"bbox": "boxes_as_texts", "polygon": "polygons_as_texts"},
    ),
    write=writer_recognition.write,
    also_loses=(CLASSES, writer_recognition.TEXTLESS, REPLACED),
    attributes=KNOWN,
    reader=reader_recognition.READER,
    validators=("Datumaro",),
)

SEGMENTATION = ArchiveFormat(
    name="ICDAR Segmentation 1.0",
    capabilities=Capabilities(
        MASKS.kinds, MASKS.features | {Feature.ATTRIBUTES, Feature.CHANGING, Feature.GROUPS}, MASKS.changed
    ),
    write=writer_segmentation.write,
    also_loses=(*LEFT_OUT, writer_segmentation.CLASSES, REPLACED),
    attributes=writer_segmentation.ATTRIBUTES,
    reader=reader_segmentation.READER,
    validators=("Datumaro",),
)
