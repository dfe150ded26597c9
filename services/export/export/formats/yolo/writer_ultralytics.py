"""Files that the formats of Ultralytics YOLO share.

    data.yaml                     the format, class names by number, and the paths of the other files
    train.txt                     the images: ./images/train/<image>, relative to this file
    labels/train/<image>.txt      a row per object; no file for an image without labels
    images/train/<image>

Coordinates are relative to the image size with six decimals; classes count from 0. Subsets keep their names, except
that `default` is `train`. In image paths, a folder `images` becomes `images_`, because Ultralytics finds labels by the
last such part of a path.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence

from export.codecs.zip import Entry
from export.dataset.dataset import Dataset
from export.dataset.image_ids import ImageIds
from export.dataset.labels import Labels
from export.dataset.rows import Rows, by_frame
from export.formats.image_entries import image_entries
from export.formats.yolo.names import headline
from export.formats.yolo.writer_darknet import image_list, subset_name

_IMAGES = re.compile("(?<![^/])images(?![^/])")


def entries(
    name: str,
    dataset: Dataset,
    rows: Callable[[Labels], Rows],
    names: Callable[[], Iterable[str]] | None = None,
    head: str = "",
) -> Iterator[Entry]:
    """The entries of an archive of the format `name` with these rows. `names` gives the classes after all labels were
    read (default: all classes); `head` precedes them in data.yaml."""
    ids = ImageIds(dataset.media, dataset.report, safe=lambda path: _IMAGES.sub("images_", path))
    subsets = []
    for part_name, part in dataset.subsets():
        subset = subset_name(part_name)
        subsets.append(subset)
        yield Entry(f"{subset}.txt", image_list(f"./images/{subset}", part.media, ids))
        for labels in part.labels():
            for number, text in by_frame(labels, rows(labels)):
                if text:
                    yield Entry.of(f"labels/{subset}/{ids.of(labels.medium, number)}.txt", text.encode())
    class_names = names() if names else (part_name.name for part_name in dataset.classes.all())
    yield Entry.of("data.yaml", (headline(name) + head + _config(class_names, subsets)).encode())
    yield from image_entries(
        dataset, lambda medium, frame: f"images/{subset_name(medium.subset)}/{ids.file(medium, frame)}"
    )


def _config(names: Iterable[str], subsets: Sequence[str]) -> str:
    lines = [f"  {number}: {quoted(name)}\n" for number, name in enumerate(names)]
    classes = f"names:\n{''.join(lines)}" if lines else "names: {}\n"
    return f"{classes}path: .\n" + "".join(f"{subset}: {subset}.txt\n" for subset in sorted(subsets))


def quoted(text: str) -> str:
    """The text as a one-line YAML string."""
    return '"' + "".join(map(_escaped, text)) + '"'


def _escaped(character: str) -> str:
    if character in '"\\':
        return f"\\{character}"
    if character.isprintable():
        return character
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
