"""ICDAR Recognition 1.0: the texts in word images.

`<subset>/gt.txt`, and `<subset>/images/<name>`. A line is `name.jpg, "text"`, one for each text of the image, or
`name.jpg, ` for an image without one. The text is the attribute `text` of any label. Readers split lines at a comma
with a space and remove backslashes, so a backslash escapes these.
"""

from collections.abc import Iterator

from export.codecs.zip import Entry
from export.dataset.dataset import Dataset
from export.dataset.image_ids import ImageIds
from export.dataset.image_tags import Tags
from export.dataset.known_attributes import names_of
from export.dataset.labels import Labels
from export.dataset.shapes import Frame
from export.dataset.texts import clean, in_batches, unbroken
from export.dataset.xml_text import value_text
from export.formats.icdar.writer_localization import KNOWN, count_classes
from export.formats.image_entries import image_entries

TEXTLESS = "lost_labels_without_text"


def write(dataset: Dataset) -> Iterator[Entry]:
    """The archive's entries."""
    ids = ImageIds(dataset.media, dataset.report, safe=_without_separator)
    for subset, part in dataset.subsets():
        yield Entry(f"{subset}/gt.txt", in_batches(_lines(part, ids)))
    yield from image_entries(dataset, lambda medium, frame: f"{medium.subset}/images/{ids.file(medium, frame)}")


def _lines(part: Dataset, ids: ImageIds) -> Iterator[str]:
    for labels in part.labels():
        _count(labels)
        tags = Tags(part)
        tags.add(labels)
        for frame in labels.frames():
            name = ids.file(labels.medium, frame.number)
            texts = list(_texts(frame, tags, labels))
            yield "".join(f'{name}, "{text}"\n' for text in texts) or f"{name}, \n"


def _texts(frame: Frame, tags: Tags, labels: Labels) -> Iterator[str]:
    values = [tag.attributes(frame.number).get("text") for tag in tags.on(labels.medium, frame.number)]
    values += [shape.attributes.get("text") for shape in frame.shapes]
    for value in values:
        if value is not None:
            yield _escaped(clean(value_text(value), unbroken, labels.report))


def _count(labels: Labels) -> None:
    count_classes(labels)
    KNOWN.count_others(labels, labels.report)
    with_text = sum("text" in names_of(labels, index) for index in range(len(labels.objects)))
    named = (
        {*label.object.attributes}.union(
            *(label.object.resolved_class.named(key.attributes) for key in label.keyframes)
        )
        for label in labels.medium_labels
    )
    with_text += sum("text" in names for names in named)
    labels.report.add(TEXTLESS, len(labels.objects) + len(labels.medium_labels) - with_text)


def _without_separator(path: str) -> str:
    """The path without commas at which readers would split."""
    return path.replace(", ", ",_")


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace(", ", ",\\ ")
