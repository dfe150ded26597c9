"""The format MOT 1.1."""

from export.dataset.capabilities import Capabilities, Feature
from export.dataset.rows import AROUND
from export.dataset.texts import REPLACED
from export.formats.format import ArchiveFormat
from export.formats.mot import reader, writer

FORMAT = ArchiveFormat(
    name="MOT 1.1",
    capabilities=Capabilities(
        kinds=frozenset({"bbox"}),
        features=frozenset({Feature.TRACKS, Feature.OCCLUSION, Feature.ROTATION}),
        changed={Feature.ROTATION: AROUND},
    ),
    write=writer.write,
    also_loses=(writer.FLAT, REPLACED),
    reader=reader.READER,
    validators=("Datumaro", "TrackEval"),
)
