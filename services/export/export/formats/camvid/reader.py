"""Reader of CamVid 1.0: one object per class and frame, from color masks in folders named `…annot`."""

import re
from collections.abc import Iterator

from export.parsing.archive_reader import ArchiveReader
from export.parsing.areas import class_areas, objects_of_areas
from export.parsing.label_colors import by_color, label_colors, parse_classes
from export.parsing.media_index import MediaIndex
from export.parsing.object_collector import ObjectCollector
from export.parsing.reader import Parsed, Reader

_MASK_PATH = re.compile(r"(?:.*?/)?[^/]*annot/(.+)\.(?:png|bmp)", re.IGNORECASE)
_LISTED = re.compile(rb'^"?/[^/\r\n]+/[^\r\n]')
# CamVid's own colors; its archives do not include them.
_CAMVID_CLASSES = (
    "Void 0 0 0,Animal 64 128 64,Archway 192 0 128,Bicyclist 0 128 192,Bridge 0 128 64,Building 128 0 0,Car 64 0 128,"
    "CartLuggagePram 64 0 192,Child 192 128 64,Column_Pole 192 192 128,Fence 64 64 128,LaneMkgsDriv 128 0 192,"
    "LaneMkgsNonDriv 192 0 64,Misc_Text 128 128 64,MotorcycleScooter 192 0 192,OtherMoving 128 64 64,"
    "ParkingBlock 64 192 128,Pedestrian 64 64 0,Road 128 64 128,RoadShoulder 128 128 192,Sidewalk 0 0 192,"
    "SignSymbol 192 128 128,Sky 128 128 128,SUVPickupTruck 64 128 192,TrafficCone 0 0 64,TrafficLight 0 64 64,"
    "Train 192 64 128,Tree 128 128 0,Truck_Bus 192 128 192,Tunnel 64 0 64,VegetationMisc 192 192 0,Wall 64 192 0"
)
_LOOKED_AT = 10


def read(archive: ArchiveReader, media: MediaIndex) -> Iterator[Parsed]:
    """The objects of every mask."""
    collector, raw = ObjectCollector(media), label_colors(archive)
    colors, numbers = (
        by_color(raw or parse_classes(_CAMVID_CLASSES)),
        {number: match.name for number, match in enumerate(raw)},
    )
    for name in archive.names_ending(".png", ".bmp"):
        if match := _MASK_PATH.fullmatch(name):
            areas = class_areas(archive.read(name), colors, numbers)
            yield from objects_of_areas(name, collector.match(match[1], None, name), areas, collector)
    yield from collector.finish()


def detect(archive: ArchiveReader) -> float:
    """Masks in an `annot` folder, or a list of images beside `label_colors.txt`."""
    if any(_MASK_PATH.fullmatch(name) for name in archive.names_ending(".png", ".bmp")):
        return 0.9
    if not archive.names_ending("label_colors.txt"):
        return 0.0
    lists = [name for name in archive.names_ending(".txt") if not name.lower().endswith("label_colors.txt")]
    return 0.8 if any(_LISTED.match(archive.head(name)) for name in lists[:_LOOKED_AT]) else 0.0


READER = Reader(read, detect)
