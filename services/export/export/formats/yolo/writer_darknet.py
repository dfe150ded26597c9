"""YOLO 1.1, as Darknet reads it: a text file of boxes per image.

    obj.data                      the number of classes, and the paths of the other files
    obj.names                     the classes, one per line
    train.txt                     the images: data/obj_train_data/<image>
    obj_train_data/<image>.txt    class cx cy w h, relative to the image size with six decimals
    obj_train_data/<image>

Every frame has a text file, which is empty without labels. Subsets keep their names, except that `default` is `train`.
Classes count from 0. Boxes are clipped to the image, because Darknet and its successors reject others.
"""

from collections.abc import Iterator, Sequence

from export.codecs.zip import Entry
from export.dataset.dataset import Dataset
from export.dataset.image_ids import ImageIds
from export.dataset.media import ExportMedium
from export.dataset.rows import by_frame
from export.dataset.texts import ClassNames, one_line
from export.formats.image_entries import image_entries
from export.formats.yolo.boxes import box_rows


def write(dataset: Dataset) -> Iterator[Entry]:
    """The archive's entries."""
    ids = ImageIds(dataset.media, dataset.report)
    subsets = []
    for name, part in dataset.subsets():
        subset = subset_name(name)
        subsets.append(subset)
        yield Entry(f"{subset}.txt", image_list(f"data/{_folder(subset)}", part.media, ids))
        for labels in part.labels():
            for number, text in by_frame(labels, box_rows(labels, dataset)):
                yield Entry.of(f"{_folder(subset)}/{ids.of(labels.medium, number)}.txt", text.encode())
    names = ClassNames(dataset.report, one_line)
    lines = [f"{names.of(name.name)}\n" for name in dataset.classes.all()]
    yield Entry.of("obj.names", "".join(lines).encode())
    yield Entry.of("obj.data", _config(subsets, len(lines)).encode())
    yield from image_entries(
        dataset, lambda medium, frame: f"{_folder(subset_name(medium.subset))}/{ids.file(medium, frame)}"
    )


def subset_name(subset: str) -> str:
    """YOLO's name of a subset."""
    return "train" if subset == "default" else subset


def image_list(folder: str, media: Sequence[ExportMedium], ids: ImageIds) -> Iterator[bytes]:
    """The path of every frame's image below a folder, one per line."""
    for medium in media:
        yield "".join(f"{folder}/{ids.file(medium, frame)}\n" for frame in medium.frames).encode()


def _folder(subset: str) -> str:
    return f"obj_{subset}_data"


def _config(subsets: Sequence[str], classes: int) -> str:
    lists = "".join(f"{subset} = data/{subset}.txt\n" for subset in subsets)
    return f"classes = {classes}\n{lists}names = data/obj.names\nbackup = backup/\n"
