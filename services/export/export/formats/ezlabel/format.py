"""The formats ezLabel JSON, ezLabel XML and ezLabel CSV."""

from export.dataset.behaviors import UNSEEN
from export.dataset.capabilities import OBJECT_FEATURES, SHAPE_FEATURES, Capabilities, Feature
from export.dataset.point_lists import TOO_FINE
from export.dataset.rows import NOTHING
from export.dataset.texts import REPLACED
from export.formats.ezlabel import reader_csv, reader_json, reader_xml, writer_csv, writer_json, writer_xml
from export.formats.ezlabel.writer_json import ANNOTATION_TYPES
from export.formats.format import ArchiveFormat

JSON = ArchiveFormat(
    name="ezLabel JSON",
    capabilities=Capabilities.everything(),
    write=writer_json.write,
    reader=reader_json.READER,
)

XML = ArchiveFormat(
    name="ezLabel XML",
    capabilities=Capabilities(
        kinds=frozenset({"bbox", "polygon", "circle", "ellipse"}),
        features=OBJECT_FEATURES | SHAPE_FEATURES | {Feature.TRACKS, Feature.BEHAVIORS},
        changed={"circle": "circles_as_polygons", "ellipse": "ellipses_as_polygons"},
    ),
    write=writer_xml.write,
    also_loses=(UNSEEN, NOTHING, REPLACED),
    reader=reader_xml.READER,
)

CSV = ArchiveFormat(
    name="ezLabel CSV",
    capabilities=Capabilities(
        kinds=frozenset(set(ANNOTATION_TYPES) - {"rpy"}),
        features=OBJECT_FEATURES
        | SHAPE_FEATURES
        | {Feature.MISSIONS, Feature.TRACKS, Feature.OCCLUSION, Feature.BEHAVIORS, Feature.SCORES, Feature.SPANS},
        changed={"bitmap": "bitmaps_as_outlines", "skeleton": "skeletons_as_points"},
        reserved=frozenset({"occluded"}),
    ),
    write=writer_csv.write,
    also_loses=(UNSEEN, NOTHING, TOO_FINE),
    reader=reader_csv.READER,
)
