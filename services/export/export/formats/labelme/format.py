"""The formats LabelMe 3.0 and LabelMe JSON."""

from export.dataset.capabilities import OBJECT_FEATURES, SHAPE_FEATURES, Capabilities, Feature
from export.dataset.label_maps import TOO_LARGE
from export.dataset.rows import NOTHING
from export.dataset.texts import REPLACED
from export.formats.format import ArchiveFormat
from export.formats.labelme import reader_json, reader_xml, writer_json, writer_xml

XML = ArchiveFormat(
    name="LabelMe 3.0",
    capabilities=Capabilities(
        kinds=frozenset({"bbox", "polygon", "bitmap", "circle", "ellipse"}),
        features=OBJECT_FEATURES | SHAPE_FEATURES | {Feature.TRACKS, Feature.OCCLUSION, Feature.GROUPS},
        changed={
            "circle": "circles_as_polygons",
            "ellipse": "ellipses_as_polygons",
            Feature.ROTATION: "rotation_as_polygons",
            Feature.HOLES: "holes_as_masks",
            Feature.PARTS: "parts_as_group",
            Feature.GROUPS: "groups_as_numbers",
        },
        reserved=writer_xml.BUILT_IN,
    ),
    write=writer_xml.write,
    also_loses=(NOTHING, TOO_LARGE, REPLACED),
    reader=reader_xml.READER,
    validators=("Datumaro",),
)

JSON = ArchiveFormat(
    name="LabelMe JSON",
    capabilities=Capabilities(
        kinds=frozenset({"bbox", "polygon", "polyline", "points", "bitmap", "circle", "ellipse", "line", "label"}),
        features=OBJECT_FEATURES | SHAPE_FEATURES | {Feature.TRACKS, Feature.OCCLUSION, Feature.SPANS},
        changed={
            "ellipse": "ellipses_as_polygons",
            Feature.ROTATION: "rotation_as_polygons",
            Feature.HOLES: "holes_as_masks",
            Feature.PARTS: "parts_as_group",
        },
        reserved=writer_json.BUILT_IN,
    ),
    write=writer_json.write,
    also_loses=(NOTHING, writer_json.TAG_ATTRIBUTES),
    reader=reader_json.READER,
)
