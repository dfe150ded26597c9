"""Ultralytics YOLO Classification 1.0: pictures in folders by their label.

    train/<label>/<picture>   with pictures; train/no_label/<picture> without a label
    train/labels.json         {<picture without suffix>: {"labels": [<label>, …], "path": where the picture lies}}

A picture of several labels lies in the folder of the first, which is the medium's default one if that holds on the
frame; labels.json has all, by their true names. Folders of pictures stay below the label's: paths are unique. Subsets
are called as everywhere, but for `default`, which is `train`.
"""

from collections.abc import Iterator

import orjson

from export.codecs.zip import Entry
from export.dataset.dataset import Dataset
from export.dataset.image_ids import ImageIds
from export.dataset.image_tags import Tags
from export.dataset.media import ExportMedium
from export.dataset.texts import ClassNames, folder_name
from export.formats.yolo.names import NO_LABEL
from export.formats.yolo.writer_darknet import subset_name

_LINES_AT_ONCE = 1024


def write(dataset: Dataset) -> Iterator[Entry]:
    """The archive's entries."""
    places = _Places(dataset, Tags.read(dataset))
    for known, part in dataset.subsets():
        yield Entry(f"{subset_name(known)}/labels.json", places.listed(part))
    for medium, picture in dataset.images():
        yield Entry(places.of(medium, picture.frame), picture.chunks, picture.size_bytes, packed=True)


class _Places:
    """Where pictures lie."""

    def __init__(self, dataset: Dataset, tags: Tags) -> None:
        self._tags = tags
        self._ids = ImageIds(dataset.media, dataset.report)
        self._folders = ClassNames(dataset.report, folder_name, [NO_LABEL, "labels.json"], folders=True)

    def of(self, medium: ExportMedium, frame: int) -> str:
        """The path of a frame's picture."""
        first = next(iter(self._tags.on(medium, frame)), None)
        folder = self._folders.of(first.name) if first else NO_LABEL
        return f"{subset_name(medium.subset)}/{folder}/{self._ids.file(medium, frame)}"

    def listed(self, part: Dataset) -> Iterator[bytes]:
        """The file that tells the labels of all pictures."""
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
        told = {"labels": labels, "path": self.of(medium, frame)}
        return orjson.dumps(self._ids.of(medium, frame)) + b":" + orjson.dumps(told)
