"""The format Open Images V6 1.0."""

from export.dataset.capabilities import SHAPE_FEATURES, Capabilities, Feature
from export.dataset.label_maps import TOO_LARGE
from export.dataset.rows import AROUND, CUT, NOTHING
from export.formats.format import AREAS_AS_MASKS, ArchiveFormat
from export.formats.open_images import reader, writer

FORMAT = ArchiveFormat(
    name="Open Images V6 1.0",
    capabilities=Capabilities(
        kinds=frozenset({"bbox", "polygon", "bitmap", "circle", "ellipse", "label"}),
        features=SHAPE_FEATURES
        | {Feature.ATTRIBUTES, Feature.CHANGING, Feature.OCCLUSION, Feature.SCORES, Feature.SPANS},
        changed={**AREAS_AS_MASKS, Feature.ROTATION: AROUND},
    ),
    write=writer.write,
    also_loses=(writer.NOT_BOOLEAN, writer.AREA_ATTRIBUTES, CUT, NOTHING, TOO_LARGE),
    attributes=writer.KNOWN,
    reader=reader.READER,
    validators=("Datumaro",),
)
