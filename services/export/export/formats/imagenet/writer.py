"""ImageNet 1.0: pictures in folders by their label, as trainers of classifiers read them.

With pictures, each lies in `<label>/`, one of several labels in each of them, one without in `no_label/`. All are in
one folder: `/` in their paths becomes `_`. Where media are divided into subsets, these folders lie in `train/`, `val/`
and `test/`.

Without pictures of all frames, `<subset>.txt` has a line for every frame, the name of its picture and the numbers of
its labels, counted from 0 down the lines of `synsets.txt`; a name with blanks has quotes around all but its suffix.
Pictures that are there lie in `images/`.
"""

from collections.abc import Iterator

from export.codecs.spool import Spool
from export.codecs.zip import Entry
from export.dataset.dataset import Dataset, ImageFile
from export.dataset.image_ids import ImageIds
from export.dataset.image_tags import Tags
from export.dataset.texts import ClassNames, folder_name, in_batches, one_line
from export.formats.imagenet.reader import NO_LABEL


def write(dataset: Dataset) -> Iterator[Entry]:
    """The archive's entries."""
    tags = Tags.read(dataset)
    shown = dataset.save_images and all(map(dataset.shows, dataset.media))
    return _folders(dataset, tags) if shown else _lists(dataset, tags)


def _folders(dataset: Dataset, tags: Tags) -> Iterator[Entry]:
    ids = ImageIds(dataset.media, dataset.report, flat=True)
    names = ClassNames(dataset.report, folder_name, [NO_LABEL], folders=True)
    for medium, picture in dataset.images():
        place = "" if medium.subset == "default" else f"{medium.subset}/"
        folders = [names.of(tag.name) for tag in tags.on(medium, picture.frame)] or [NO_LABEL]
        file = ids.file(medium, picture.frame)
        yield from copies(picture, [f"{place}{folder}/{file}" for folder in folders])


def copies(picture: ImageFile, paths: list[str]) -> Iterator[Entry]:
    """The picture at each of some paths, though it can be read but once."""
    if len(paths) == 1:
        yield Entry(paths[0], picture.chunks, picture.size_bytes, packed=True)
        return
    spool = Spool()
    for chunk in picture.chunks:
        spool.write(chunk)
    for path in paths:
        yield Entry(path, spool.chunks(), picture.size_bytes, packed=True)


def _lists(dataset: Dataset, tags: Tags) -> Iterator[Entry]:
    ids = ImageIds(dataset.media, dataset.report)
    for subset, part in dataset.subsets():
        yield Entry(f"{subset}.txt", in_batches(_lines(part, tags, ids)))
    names = ClassNames(dataset.report, one_line)
    yield Entry.of("synsets.txt", "".join(f"{names.of(known.name)}\n" for known in dataset.classes.all()).encode())
    for medium, picture in dataset.images():
        yield Entry(f"images/{ids.file(medium, picture.frame)}", picture.chunks, picture.size_bytes, packed=True)


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
