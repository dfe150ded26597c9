"""The YOLO formats: YOLO 1.1 (Darknet), and those of Ultralytics for detection, tracks, oriented boxes, segmentation,
poses and classification.
"""

from collections.abc import Mapping

from export.dataset.capabilities import Capabilities, Feature
from export.dataset.rows import AROUND, CUT, NOTHING
from export.dataset.texts import REPLACED
from export.formats.format import ArchiveFormat
from export.formats.yolo import (
    names,
    reader,
    reader_classification,
    reader_obb,
    reader_pose,
    reader_segmentation,
    writer_classification,
    writer_darknet,
    writer_detection,
    writer_obb,
    writer_pose,
    writer_segmentation,
)

_BOXES = frozenset({"bbox"})
_AXIS_ALIGNED: Mapping[str, str] = {Feature.ROTATION: AROUND}
_BOX_LOSSES = (NOTHING, CUT, REPLACED)

DARKNET = ArchiveFormat(
    name=names.DARKNET,
    capabilities=Capabilities(_BOXES, frozenset({Feature.ROTATION}), _AXIS_ALIGNED),
    write=writer_darknet.write,
    also_loses=_BOX_LOSSES,
    reader=reader.DARKNET,
    validators=("Datumaro",),
)

DETECTION = ArchiveFormat(
    name=names.DETECTION,
    capabilities=DARKNET.capabilities,
    write=writer_detection.write,
    also_loses=_BOX_LOSSES,
    reader=reader.DETECTION,
    validators=("supervision",),
)

TRACK = ArchiveFormat(
    name=names.TRACK,
    capabilities=Capabilities(_BOXES, frozenset({Feature.ROTATION, Feature.TRACKS}), _AXIS_ALIGNED),
    write=writer_detection.write_tracks,
    also_loses=_BOX_LOSSES,
    reader=reader.TRACK,
)

OBB = ArchiveFormat(
    name=names.OBB,
    capabilities=Capabilities(_BOXES, frozenset({Feature.ROTATION})),
    write=writer_obb.write,
    also_loses=_BOX_LOSSES,
    reader=reader_obb.READER,
    validators=("supervision",),
)

SEGMENTATION = ArchiveFormat(
    name=names.SEGMENTATION,
    capabilities=Capabilities(
        kinds=frozenset({"polygon", "bitmap", "circle", "ellipse"}),
        features=frozenset({Feature.ROTATION, Feature.HOLES, Feature.PARTS}),
        changed={
            "bitmap": "bitmaps_as_polygons",
            "circle": "circles_as_polygons",
            "ellipse": "ellipses_as_polygons",
            Feature.HOLES: "holes_bridged",
            Feature.PARTS: "parts_bridged",
        },
    ),
    write=writer_segmentation.write,
    also_loses=(NOTHING, CUT, writer_segmentation.OVERLAP, writer_segmentation.TOO_FINE, REPLACED),
    reader=reader_segmentation.READER,
    validators=("supervision",),
)

POSE = ArchiveFormat(
    name=names.POSE,
    capabilities=Capabilities(
        kinds=frozenset({"skeleton", "bbox"}),
        features=frozenset({Feature.KEYPOINTS, Feature.ROTATION}),
        changed=_AXIS_ALIGNED,
    ),
    write=writer_pose.write,
    also_loses=(writer_pose.NO_KEYPOINTS, NOTHING, CUT, writer_pose.BEYOND, REPLACED),
    reader=reader_pose.READER,
    validators=("supervision",),
)

CLASSIFICATION = ArchiveFormat(
    name=names.CLASSIFICATION,
    capabilities=Capabilities(frozenset({"label"}), frozenset({Feature.SPANS})),
    write=writer_classification.write,
    also_loses=(REPLACED,),
    reader=reader_classification.READER,
)
