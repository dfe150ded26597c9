"""The frame images of an archive, which every format stores under paths of its own."""

from collections.abc import Callable, Iterator

from export.codecs.zip import Entry
from export.dataset.dataset import Dataset
from export.dataset.media import ExportMedium


def image_entries(dataset: Dataset, path_of: Callable[[ExportMedium, int], str]) -> Iterator[Entry]:
    """The image of every exported frame at `path_of(medium, frame)`; none if the export has no images."""
    for medium, image in dataset.images():
        yield Entry(path_of(medium, image.frame), image.chunks, image.size_bytes, packed=True)
