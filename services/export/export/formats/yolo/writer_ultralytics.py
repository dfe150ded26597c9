"""What the formats of Ultralytics YOLO share.

    data.yaml                     which of them it is, names of classes by number, and where the other files lie
    train.txt                     the pictures: ./images/train/<picture>, which is relative to this file
    labels/train/<picture>.txt    a row an object; none for a picture without labels
    images/train/<picture>        with pictures

Coordinates are shares of the picture's size with six decimals; classes count from 0. Subsets are called as everywhere,
but for `default`, which is `train`. In paths of pictures, a folder `images` is called `images_`: Ultralytics finds
labels by the last such part of a path.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence

from export.codecs.zip import Entry
from export.dataset.dataset import Dataset
from export.dataset.image_ids import ImageIds
from export.dataset.labels import Labels
from export.dataset.rows import Rows, by_frame
from export.formats.yolo.names import headline
from export.formats.yolo.writer_darknet import picture_list, subset_name

_IMAGES = re.compile("(?<![^/])images(?![^/])")


def entries(
    name: str,
    dataset: Dataset,
    rows: Callable[[Labels], Rows],
    names: Callable[[], Iterable[str]] | None = None,
    head: str = "",
) -> Iterator[Entry]:
    """The entries of an archive of the format `name` with these rows; `names` are all classes unless others are given,
    asked for when all labels were read. `head` comes before them in data.yaml."""
    ids = ImageIds(dataset.media, dataset.report, safe=lambda path: _IMAGES.sub("images_", path))
    subsets = []
    for known, part in dataset.subsets():
        subset = subset_name(known)
        subsets.append(subset)
        yield Entry(f"{subset}.txt", picture_list(f"./images/{subset}", part.media, ids))
        for labels in part.labels():
            for number, text in by_frame(labels, rows(labels)):
                if text:
                    yield Entry.of(f"labels/{subset}/{ids.of(labels.medium, number)}.txt", text.encode())
    known_names = names() if names else (known.name for known in dataset.classes.all())
    yield Entry.of("data.yaml", (headline(name) + head + _config(known_names, subsets)).encode())
    for medium, picture in dataset.images():
        path = f"images/{subset_name(medium.subset)}/{ids.file(medium, picture.frame)}"
        yield Entry(path, picture.chunks, picture.size_bytes, packed=True)


def _config(names: Iterable[str], subsets: Sequence[str]) -> str:
    lines = [f"  {number}: {quoted(name)}\n" for number, name in enumerate(names)]
    classes = f"names:\n{''.join(lines)}" if lines else "names: {}\n"
    return f"{classes}path: .\n" + "".join(f"{subset}: {subset}.txt\n" for subset in sorted(subsets))


def quoted(text: str) -> str:
    """Text as YAML, on one line, whatever is in it."""
    return '"' + "".join(map(_escaped, text)) + '"'


def _escaped(character: str) -> str:
    if character in '"\\':
        return f"\\{character}"
    if character.isprintable():
        return character
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
