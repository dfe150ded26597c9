"""ImageNet 1.0: images in label folders, as trainers of classifiers read them.

An image is in `<label>/`, an image with several labels in each of these folders, one without labels in `no_label/`.
Folders are flat: `/` in image paths becomes `_`. If there are subsets, the label folders are in `train/`, `val/` and
`test/`.

Unless the images of all frames are exported, `<subset>.txt` has a line for every frame: the name of its image and its
label numbers, counted from 0 in `synsets.txt`; a name with spaces is quoted without its suffix. Exported images are in
`images/`.
"""

from collections.abc import Iterator

from export.codecs.spool import Spool
from export.codecs.zip import Entry
from export.dataset.dataset import Dataset, ImageFile
from export.dataset.image_ids import ImageIds
from export.dataset.image_tags import Tags
from export.dataset.texts import ClassNames, folder_name, in_batches, one_line
from export.formats.image_entries import image_entries
from export.formats.imagenet.reader import NO_LABEL


def write(dataset: Dataset) -> Iterator[Entry]:
    """The archive's entries."""
    tags = Tags.read(dataset)
    has_all_images = dataset.save_images and all(map(dataset.shows, dataset.media))
    return _folders(dataset, tags) if has_all_images else _lists(dataset, tags)


def _folders(dataset: Dataset, tags: Tags) -> Iterator[Entry]:
    ids = ImageIds(dataset.media, dataset.report, flat=True)
    names = ClassNames(dataset.report, folder_name, [NO_LABEL], folders=True)
    for medium, image in dataset.images():
        prefix = "" if medium.subset == "default" else f"{medium.subset}/"
        folders = [names.of(tag.name) for tag in tags.on(medium, image.frame)] or [NO_LABEL]
        file = ids.file(medium, image.frame)
        yield from copies(image, [f"{prefix}{folder}/{file}" for folder in folders])


def copies(image: ImageFile, paths: list[str]) -> Iterator[Entry]:
    """The image under several paths, although its bytes can be read only once."""
    if len(paths) == 1:
        yield Entry(paths[0], image.chunks, image.size_bytes, packed=True)
        return
    spool = Spool()
    for chunk in image.chunks:
        spool.write(chunk)
    for path in paths:
        yield Entry(path, spool.chunks(), image.size_bytes, packed=True)


def _lists(dataset: Dataset, tags: Tags) -> Iterator[Entry]:
    ids = ImageIds(dataset.media, dataset.report)
    for subset, part in dataset.subsets():
        yield Entry(f"{subset}.txt", in_batches(_lines(part, tags, ids)))
    names = ClassNames(dataset.report, one_line)
    yield Entry.of(
        "synsets.txt", "".join(f"{names.of(label_class.name)}\n" for label_class in dataset.classes.all()).encode()
    )
    yield from image_entries(dataset, lambda medium, frame: f"images/{ids.file(medium, frame)}")


def _lines(part: Dataset, tags: Tags, ids: ImageIds) -> Iterator[str]:
    for medium in part.media:
        for frame in medium.frames:
            numbers = (str(tag.number) for tag in tags.on(medium, frame))
            yield f"{' '.join((_quoted(ids.file(medium, frame)), *numbers))}\n"


def _quoted(name: str) -> str:
    if len(name.split()) == 1:
        return name
    stem, dot, suffix = name.rpartition(".")
    return f'"{stem}"{dot}{suffix}'
