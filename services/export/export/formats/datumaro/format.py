"""The format Datumaro 1.0."""

from export.dataset.capabilities import OBJECT_FEATURES, SHAPE_FEATURES, Capabilities, Feature
from export.dataset.rows import NOTHING
from export.formats.datumaro import reader, writer
from export.formats.format import ArchiveFormat

FORMAT = ArchiveFormat(
    name="Datumaro 1.0",
    capabilities=Capabilities(
        kinds=frozenset(
            {"bbox", "polygon", "polyline", "points", "skeleton", "bitmap", "circle", "ellipse", "line", "label"}
        ),
        features=OBJECT_FEATURES
        | SHAPE_FEATURES
        | {Feature.TRACKS, Feature.OCCLUSION, Feature.GROUPS, Feature.Z_ORDER, Feature.SCORES, Feature.SPANS},
        changed={
            "circle": "circles_as_ellipses",
            "line": "lines_as_polylines",
            Feature.HOLES: "holes_as_masks",
            Feature.PARTS: "parts_as_group",
        },
        reserved=writer.RESERVED,
    ),
    write=writer.write,
    also_loses=(NOTHING,),
    reader=reader.READER,
    validators=("Datumaro",),
)
