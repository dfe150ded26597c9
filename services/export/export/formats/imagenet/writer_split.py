"""ImageNet training and validation: the images of ImageNet 1.0, divided for trainers of classifiers.

    labels.json                     the number of each label, in alphabetical order, from 0
    training/<label>/<image>
    validation/<label>/<image>

The images of each label are divided separately, so that both sides have every label; the share is the export's split
without training, and its seed determines the draw. Every image is on one side only, with all its labels. Unless the
images of all frames are exported, `training.txt` and `validation.txt` list the paths.
"""

from collections.abc import Iterator

import orjson

from common.contract.questions import SubsetSplit
from export.codecs.zip import Entry
from export.dataset.dataset import Dataset
from export.dataset.image_ids import ImageIds
from export.dataset.image_tags import Tags
from export.dataset.media import ExportMedium
from export.dataset.texts import ClassNames, folder_name, in_batches
from export.formats.imagenet.split import validation_names
from export.formats.imagenet.writer import copies

UNLABELED = "lost_unlabeled_images"
TRAINING, VALIDATION = "training", "validation"


def write(dataset: Dataset) -> Iterator[Entry]:
    """The archive's entries."""
    split = _Split(dataset)
    labels = {label: number for number, label in enumerate(sorted(split.names_of))}
    yield Entry.of("labels.json", orjson.dumps(labels, option=orjson.OPT_INDENT_2) + b"\n")
    if not (dataset.save_images and all(map(dataset.shows, dataset.media))):
        for side in (TRAINING, VALIDATION):
            yield Entry(f"{side}.txt", in_batches(split.lines(side)))
    for medium, image in dataset.images():
        if paths := split.paths(medium, image.frame):
            yield from copies(image, paths)


class _Split:
    """The labeled images by label, and the side of each."""

    def __init__(self, dataset: Dataset) -> None:
        self._media = dataset.media
        self._tags = Tags.read(dataset)
        self._files = ImageIds(dataset.media, dataset.report, flat=True)
        self._folders = ClassNames(dataset.report, folder_name, folders=True)
        self.names_of: dict[str, list[str]] = {}
        for medium in dataset.media:
            for frame in medium.frames:
                labels = self._labels(medium, frame)
                dataset.report.add(UNLABELED, not labels)
                for further, label in enumerate(labels):
                    # Only the first label decides the side of an image.
                    names = self.names_of.setdefault(label, [])
                    names += [] if further else [self._files.file(medium, frame)]
        split = dataset.split or SubsetSplit()
        share = 1 - split.train / (split.train + split.val + split.test)
        self._validation = validation_names(self.names_of, share, split.seed)

    def paths(self, medium: ExportMedium, frame: int) -> list[str]:
        """The paths of an image: one per label, none without labels."""
        name = self._files.file(medium, frame)
        side = VALIDATION if name in self._validation else TRAINING
        return [f"{side}/{label}/{name}" for label in self._labels(medium, frame)]

    def lines(self, side: str) -> Iterator[str]:
        """The paths on one side, one per line."""
        for medium in self._media:
            for frame in medium.frames:
                yield from (f"{path}\n" for path in self.paths(medium, frame) if path.startswith(f"{side}/"))

    def _labels(self, medium: ExportMedium, frame: int) -> list[str]:
        return [self._folders.of(tag.name) for tag in self._tags.on(medium, frame)]
