"""Ultralytics YOLO Classification 1.0: images in label folders.

    train/<label>/<image>     train/no_label/<image> without a label
    train/labels.json         {<image without suffix>: {"labels": [<label>, …], "path": path of the image}}

An image with several labels is in the folder of the first, which is the medium's default label if that applies to the
frame; labels.json has all labels with their original names. Folders of image paths are kept below the label folder, so
that paths are unique. Subsets keep their names, except that `default` is `train`.
"""

from collections.abc import Iterator

import orjson

from export.codecs.zip import Entry
from export.dataset.dataset import Dataset
from export.dataset.image_ids import ImageIds
from export.dataset.image_tags import Tags
from export.dataset.media import ExportMedium
from export.dataset.texts import ClassNames, folder_name
from export.formats.image_entries import image_entries
from export.formats.yolo.names import NO_LABEL
from export.formats.yolo.writer_darknet import subset_name

_LINES_AT_ONCE = 1024


def write(dataset: Dataset) -> Iterator[Entry]:
    """The archive's entries."""
    paths = _Paths(dataset, Tags.read(dataset))
    for subset, part in dataset.subsets():
        yield Entry(f"{subset_name(subset)}/labels.json", paths.label_list(part))
    yield from image_entries(dataset, paths.of)


class _Paths:
    """The paths of images."""

    def __init__(self, dataset: Dataset, tags: Tags) -> None:
        self._tags = tags
        self._ids = ImageIds(dataset.media, dataset.report)
        self._folders = ClassNames(dataset.report, folder_name, [NO_LABEL, "labels.json"], folders=True)

    def of(self, medium: ExportMedium, frame: int) -> str:
        """The path of a frame's image."""
        first = next(iter(self._tags.on(medium, frame)), None)
        folder = self._folders.of(first.name) if first else NO_LABEL
        return f"{subset_name(medium.subset)}/{folder}/{self._ids.file(medium, frame)}"

    def label_list(self, part: Dataset) -> Iterator[bytes]:
        """The file with the labels of all images."""
        lines: list[bytes] = []
        before = b"{"
        for medium in part.media:
            for frame in medium.frames:
                lines.append(self._line(medium, frame))
                if len(lines) == _LINES_AT_ONCE:
                    yield before + b",\n".join(lines)
                    lines, before = [], b",\n"
        yield (before if lines or before == b"{" else b"") + b",\n".join(lines) + b"}"

    def _line(self, medium: ExportMedium, frame: int) -> bytes:
        labels = [tag.name for tag in self._tags.on(medium, frame)]
        entry = {"labels": labels, "path": self.of(medium, frame)}
        return orjson.dumps(self._ids.of(medium, frame)) + b":" + orjson.dumps(entry)
