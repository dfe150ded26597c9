"""The formats CVAT for images 1.1, CVAT for video 1.1 and CVAT task annotations JSON."""

from export.dataset.capabilities import Capabilities, Feature
from export.dataset.rows import NOTHING
from export.dataset.texts import REPLACED
from export.formats.cvat import reader_json, reader_xml, writer_images, writer_json, writer_video
from export.formats.cvat.writer_specs import FIXED, LONG
from export.formats.cvat.writer_xml import CHANGED, FEATURES, KINDS, RESERVED
from export.formats.format import ArchiveFormat, Write
from export.parsing.reader import Reader

# CVAT has no tracks of masks.
_MASK_TRACKS = {
    "bitmap": "bitmap_tracks_as_groups",
    Feature.HOLES: "hole_tracks_as_groups",
    Feature.PARTS: "part_tracks_as_groups",
}


def _xml_format(name: str, capabilities: Capabilities, write: Write, reader: Reader) -> ArchiveFormat:
    return ArchiveFormat(
        name=name,
        capabilities=capabilities,
        write=write,
        also_loses=(NOTHING, REPLACED),
        reader=reader,
        validators=("Datumaro", "lxml"),
    )


_IMAGE_CHANGES = {**CHANGED, Feature.HOLES: "holes_as_masks", Feature.PARTS: "parts_as_group"}
IMAGES = _xml_format(
    "CVAT for images 1.1",
    Capabilities(KINDS | {"label"}, FEATURES | {Feature.SPANS}, _IMAGE_CHANGES, RESERVED),
    writer_images.write,
    reader_xml.IMAGES,
)

VIDEO = _xml_format(
    "CVAT for video 1.1",
    Capabilities(KINDS, FEATURES | {Feature.TRACKS}, CHANGED | _MASK_TRACKS, RESERVED),
    writer_video.write,
    reader_xml.VIDEO,
)

JSON = ArchiveFormat(
    name="CVAT task annotations JSON",
    capabilities=Capabilities(
        kinds=KINDS | {"label"},
        features=FEATURES | {Feature.TRACKS, Feature.SCORES, Feature.SPANS},
        changed=CHANGED | _MASK_TRACKS,
        reserved=RESERVED,
    ),
    write=writer_json.write,
    also_loses=(NOTHING, writer_json.SCORES, writer_json.HELD, FIXED, LONG, REPLACED),
    reader=reader_json.READER,
    validators=("CVAT SDK",),
)
