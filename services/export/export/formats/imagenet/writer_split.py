"""ImageNet training and validation: the pictures of ImageNet 1.0 divided for trainers of classifiers.

    labels.json                     the number of each label, in the order of the alphabet, from 0
    training/<label>/<picture>
    validation/<label>/<picture>

Each label's pictures are divided by themselves, so that each has its share on both sides; the share is what the
export's split leaves for all but training, and its seed draws the lots. Every picture is on one side only: one of
several labels goes with the first of them. Without pictures of all frames, `training.txt` and `validation.txt` list the
paths.
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
    halves = _Split(dataset)
    labels = {label: number for number, label in enumerate(sorted(halves.names_of))}
    yield Entry.of("labels.json", orjson.dumps(labels, option=orjson.OPT_INDENT_2) + b"\n")
    if not (dataset.save_images and all(map(dataset.shows, dataset.media))):
        for side in (TRAINING, VALIDATION):
            yield Entry(f"{side}.txt", in_batches(halves.lines(side)))
    for medium, picture in dataset.images():
        if paths := halves.paths(medium, picture.frame):
            yield from copies(picture, paths)


class _Split:
    """The pictures with labels, by label, and the side that each is on."""

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
                    # A picture is drawn with those of its first label.
                    drawn = self.names_of.setdefault(label, [])
                    drawn += [] if further else [self._files.file(medium, frame)]
        split = dataset.split or SubsetSplit()
        share = 1 - split.train / (split.train + split.val + split.test)
        self._checked = validation_names(self.names_of, share, split.seed)

    def paths(self, medium: ExportMedium, frame: int) -> list[str]:
        """Where a picture goes: once for each of its labels, nowhere without one."""
        name = self._files.file(medium, frame)
        side = VALIDATION if name in self._checked else TRAINING
        return [f"{side}/{label}/{name}" for label in self._labels(medium, frame)]

    def lines(self, side: str) -> Iterator[str]:
        """The paths on one side as lines."""
        for medium in self._media:
            for frame in medium.frames:
                yield from (f"{path}\n" for path in self.paths(medium, frame) if path.startswith(f"{side}/"))

    def _labels(self, medium: ExportMedium, frame: int) -> list[str]:
        return [self._folders.of(tag.name) for tag in self._tags.on(medium, frame)]
