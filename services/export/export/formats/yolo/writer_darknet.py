"""YOLO 1.1, as Darknet reads it: a text file of boxes for every picture.

    obj.data                      how many classes there are, and where the other files lie
    obj.names                     the classes, one a line
    train.txt                     the pictures: data/obj_train_data/<picture>
    obj_train_data/<picture>.txt  class cx cy w h, as shares of the picture's size with six decimals
    obj_train_data/<picture>      with pictures

Every frame has its text file, an empty one where nothing is labeled. Subsets are called as everywhere, but for
`default`, which is `train`. Classes count from 0. Boxes are cut to the picture, because Darknet and its heirs refuse
others.
"""

from collections.abc import Iterator, Sequence

from export.codecs.zip import Entry
from export.dataset.dataset import Dataset
from export.dataset.image_ids import ImageIds
from export.dataset.media import ExportMedium
from export.dataset.rows import by_frame
from export.dataset.texts import ClassNames, one_line
from export.formats.yolo.boxes import box_rows


def write(dataset: Dataset) -> Iterator[Entry]:
    """The archive's entries."""
    ids = ImageIds(dataset.media, dataset.report)
    subsets = []
    for known, part in dataset.subsets():
        subset = subset_name(known)
        subsets.append(subset)
        yield Entry(f"{subset}.txt", picture_list(f"data/{_folder(subset)}", part.media, ids))
        for labels in part.labels():
            for number, text in by_frame(labels, box_rows(labels, dataset)):
                yield Entry.of(f"{_folder(subset)}/{ids.of(labels.medium, number)}.txt", text.encode())
    names = ClassNames(dataset.report, one_line)
    lines = [f"{names.of(known.name)}\n" for known in dataset.classes.all()]
    yield Entry.of("obj.names", "".join(lines).encode())
    yield Entry.of("obj.data", _told(subsets, len(lines)).encode())
    for medium, picture in dataset.images():
        name = f"{_folder(subset_name(medium.subset))}/{ids.file(medium, picture.frame)}"
        yield Entry(name, picture.chunks, picture.size_bytes, packed=True)


def subset_name(subset: str) -> str:
    """What YOLO calls a subset."""
    return "train" if subset == "default" else subset


def picture_list(folder: str, media: Sequence[ExportMedium], ids: ImageIds) -> Iterator[bytes]:
    """The path of every frame's picture below a folder, one a line."""
    for medium in media:
        yield "".join(f"{folder}/{ids.file(medium, frame)}\n" for frame in medium.frames).encode()


def _folder(subset: str) -> str:
    return f"obj_{subset}_data"


def _told(subsets: Sequence[str], classes: int) -> str:
    lists = "".join(f"{subset} = data/{subset}.txt\n" for subset in subsets)
    return f"classes = {classes}\n{lists}names = data/obj.names\nbackup = backup/\n"
