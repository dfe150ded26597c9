"""The format MATLAB ground truth JSON, which is only imported."""

from export.dataset.capabilities import Capabilities, Feature
from export.formats.format import ImportFormat
from export.formats.matlab import reader

FORMAT = ImportFormat(
    name=reader.NAME,
    capabilities=Capabilities(
        kinds=frozenset({"bbox", "polygon", "polyline", "cuboid", "label"}),
        features=frozenset({Feature.ATTRIBUTES, Feature.CHANGING, Feature.TRACKS, Feature.ROTATION, Feature.SPANS}),
    ),
    reader=reader.READER,
)
