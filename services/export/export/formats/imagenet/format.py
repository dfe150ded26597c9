"""The formats ImageNet 1.0 and ImageNet training and validation."""

from export.dataset.capabilities import Capabilities, Feature
from export.dataset.texts import REPLACED
from export.formats.format import ArchiveFormat
from export.formats.imagenet import reader, writer, writer_split

IMAGENET = ArchiveFormat(
    name="ImageNet 1.0",
    capabilities=Capabilities(frozenset({"label"}), frozenset({Feature.SPANS})),
    write=writer.write,
    also_loses=(REPLACED,),
    reader=reader.READER,
    validators=("Datumaro",),
)

SPLIT = ArchiveFormat(
    name="ImageNet training and validation",
    capabilities=Capabilities(frozenset({"label"}), frozenset({Feature.SPANS})),
    write=writer_split.write,
    also_loses=(writer_split.UNLABELED, REPLACED),
)
