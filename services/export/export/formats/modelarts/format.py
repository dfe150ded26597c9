"""The format ModelArts manifest."""

from export.dataset.capabilities import OBJECT_FEATURES, Capabilities, Feature
from export.dataset.rows import NOTHING
from export.dataset.texts import REPLACED
from export.formats.format import ArchiveFormat
from export.formats.modelarts import reader, writer
from export.formats.pascal_voc.objects import TYPE

FORMAT = ArchiveFormat(
    name="ModelArts manifest",
    capabilities=Capabilities(
        kinds=frozenset({"bbox", "polygon", "bitmap", "circle", "ellipse", "line", "polyline", "points", "label"}),
        features=OBJECT_FEATURES
        | {Feature.OCCLUSION, Feature.ROTATION, Feature.PARTS, Feature.DASHES, Feature.SCORES, Feature.SOURCES},
        changed={
            "bitmap": "bitmaps_as_solid_polygons",
            "ellipse": "ellipses_as_polygons",
            "points": "points_as_objects",
            Feature.ROTATION: "rotation_as_polygons",
            Feature.PARTS: "parts_as_objects",
            Feature.SOURCES: "sources_as_human_or_machine",
        },
        reserved=frozenset({TYPE}),
    ),
    write=writer.write,
    also_loses=(writer.BETWEEN, NOTHING, REPLACED),
    reader=reader.READER,
)
