"""WiderFace 1.0: one text file of boxes per subset, and images in label folders.

    labels.txt                                          the classes, one per line
    wider_face_split/wider_face_<subset>_bbx_gt.txt
    WIDER_<subset>/images/<number>--<label>/<id>.jpg    `no_label/` for images without a label

For each image, the text has its path below `images/` and, if it has boxes, their number and a row for each: `x y width
height`, then `blur expression illumination occluded pose invalid` if any is known (`-` for unknown ones), then the
class unless it is `face`. Readers recognize paths by their slash and split rows at spaces: classes and values have
neither. The folder is the image's first label.
"""

import re
from collections.abc import Iterator, Sequence

from export.codecs.zip import Entry
from export.dataset.dataset import Dataset
from export.dataset.image_ids import ImageIds
from export.dataset.image_tags import FURTHER, Tags
from export.dataset.known_attributes import KnownAttributes
from export.dataset.labels import Labels
from export.dataset.media import ExportMedium
from export.dataset.rows import axis_aligned_boxes
from export.dataset.shapes import Shape
from export.dataset.texts import ClassNames, clean, in_batches, one_part, one_word
from export.dataset.xml_text import value_text
from export.formats.image_entries import image_entries
from export.formats.wider_face.reader import COLUMNS, DEFAULT, NO_LABEL

KNOWN = KnownAttributes(("blur", "expression", "illumination", "pose", "invalid"))
_SEPARATORS = re.compile(r"[/\\]")


def write(dataset: Dataset) -> Iterator[Entry]:
    """The archive's entries."""
    texts = _Lines(dataset)
    for subset, part in dataset.subsets():
        yield Entry(f"wider_face_split/wider_face_{subset}_bbx_gt.txt", in_batches(texts.lines(part)))
    yield Entry.of(
        "labels.txt", "\n".join(texts.names.of(label_class.name) for label_class in dataset.classes.all()).encode()
    )
    yield from image_entries(dataset, lambda medium, frame: f"WIDER_{medium.subset}/images/{texts.path(medium, frame)}")


class _Lines:
    def __init__(self, dataset: Dataset) -> None:
        self.names = ClassNames(dataset.report, one_part, [NO_LABEL], folders=True)
        self._dataset = dataset
        self._tags = Tags(dataset)
        self._ids = ImageIds(dataset.media, dataset.report)

    def path(self, medium: ExportMedium, frame: int) -> str:
        """The path of a frame's image below `images/`."""
        first = next(iter(self._tags.on(medium, frame)), None)
        folder = NO_LABEL if first is None else f"{first.number}--{self.names.of(first.name)}"
        return f"{folder}/{self._ids.file(medium, frame)}"

    def lines(self, part: Dataset) -> Iterator[str]:
        """The lines of all images of a subset."""
        for labels in part.labels():
            self._tags.add(labels)
            KNOWN.count_others(labels, labels.report)
            for frame in labels.frames():
                labels.report.add(FURTHER, max(0, len(self._tags.on(labels.medium, frame.number)) - 1))
                boxes = "".join(self._rows(frame.shapes, labels)) if frame.shapes else ""
                count = f"{len(frame.shapes)}\n" if frame.shapes else ""
                yield f"{self.path(labels.medium, frame.number)}\n{count}{boxes}"

    def _rows(self, shapes: Sequence[Shape], labels: Labels) -> Iterator[str]:
        # Adding 0.0 turns -0.0 into 0.0.
        for shape, (x1, y1, x2, y2) in zip(shapes, (axis_aligned_boxes(shapes).round(2) + 0.0).tolist(), strict=True):
            category = shape.object.category
            attributes = self._attributes(shape, labels)
            name = "" if category == DEFAULT else f" {self.names.of(category)}"
            yield f"{x1:.2f} {y1:.2f} {x2 - x1:.2f} {y2 - y1:.2f}{attributes}{name}\n"

    def _attributes(self, shape: Shape, labels: Labels) -> str:
        """The attribute columns; empty if no attribute is known."""
        values = {name: shape.attributes[name] for name in KNOWN.names if name in shape.attributes}
        if shape.occluded:
            values["occluded"] = True
        if not values:
            return ""
        return "".join(f" {self._value(values[name], labels) if name in values else '-'}" for name in COLUMNS)

    def _value(self, value: str | bool | float, labels: Labels) -> str:
        # CVAT reads only these two words as booleans.
        return str(value) if isinstance(value, bool) else clean(value_text(value), _word, labels.report)


def _word(text: str) -> str:
    word = _SEPARATORS.sub("_", one_word(text))
    # A single dash means unknown.
    return "_" if word in ("", "-") else word
