"""The formats SentiSight JSON and SentiSight CSV."""

from export.dataset.capabilities import OBJECT_FEATURES, Capabilities, Feature
from export.dataset.point_lists import TOO_FINE
from export.dataset.rows import NOTHING
from export.formats.format import ArchiveFormat
from export.formats.sentisight import reader_csv, reader_json, writer_csv, writer_json

JSON = ArchiveFormat(
    name="SentiSight JSON",
    capabilities=Capabilities(
        kinds=frozenset(
            {"label", "bbox", "polygon", "bitmap", "circle", "ellipse", "polyline", "line", "points", "rpy"}
        ),
        features=OBJECT_FEATURES
        | {
            Feature.OCCLUSION,
            Feature.HOLES,
            Feature.PARTS,
            Feature.KEYPOINTS,
            Feature.ANGLES,
            Feature.DEFAULTS,
            Feature.SPANS,
        },
        changed={
            "bitmap": "bitmaps_as_outlines",
            "circle": "circles_as_polygons",
            "ellipse": "ellipses_as_polygons",
            "line": "lines_as_polylines",
        },
        reserved=writer_json.BUILT_IN,
    ),
    write=writer_json.write,
    also_loses=(writer_json.LABEL_PROPERTIES, writer_json.POINT_SETS, NOTHING, TOO_FINE),
    reader=reader_json.READER,
)

CSV = ArchiveFormat(
    name="SentiSight CSV",
    capabilities=Capabilities(frozenset({"label"}), frozenset({Feature.SPANS, Feature.DEFAULTS})),
    write=writer_csv.write,
    reader=reader_csv.READER,
)
