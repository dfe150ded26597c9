"""The formats there are, by name: one module each."""

from export.domain.formats import coco, ezlabel_json
from export.domain.formats.format import ArchiveFormat

FORMATS: dict[str, ArchiveFormat] = {known.name: known for known in (ezlabel_json.FORMAT, coco.FORMAT)}
