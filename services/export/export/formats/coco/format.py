"""The formats COCO 1.0 and COCO Keypoints 1.0."""

from export.dataset.capabilities import OBJECT_FEATURES, SHAPE_FEATURES, Capabilities, Feature
from export.dataset.rows import NOTHING
from export.formats.coco import reader, reader_keypoints, writer, writer_keypoints
from export.formats.coco.writer import BUILT_IN
from export.formats.format import ArchiveFormat

COCO = ArchiveFormat(
    name="COCO 1.0",
    capabilities=Capabilities(
        kinds=frozenset({"bbox", "polygon", "bitmap", "circle", "ellipse"}),
        features=OBJECT_FEATURES | SHAPE_FEATURES | {Feature.TRACKS, Feature.OCCLUSION, Feature.SCORES},
        changed={"circle": "circles_as_polygons", "ellipse": "ellipses_as_polygons", Feature.HOLES: "holes_as_masks"},
        reserved=writer.BUILT_IN,
    ),
    write=writer.write,
    also_loses=(NOTHING,),
    reader=reader.READER,
    validators=("Datumaro", "pycocotools"),
)

COCO_KEYPOINTS = ArchiveFormat(
    name="COCO Keypoints 1.0",
    capabilities=Capabilities(
        kinds=frozenset({"skeleton", "bbox", "polygon"}),
        features=OBJECT_FEATURES
        | SHAPE_FEATURES
        | {Feature.TRACKS, Feature.OCCLUSION, Feature.KEYPOINTS, Feature.SCORES},
        changed={Feature.HOLES: "holes_as_masks"},
        reserved=BUILT_IN,
    ),
    write=writer_keypoints.write,
    also_loses=(writer_keypoints.NO_KEYPOINTS, NOTHING),
    reader=reader_keypoints.READER,
    validators=("Datumaro", "pycocotools"),
)
