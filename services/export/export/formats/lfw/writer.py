"""LFW 1.0: face images by person, and pairs of images of the same or of different persons.

    <subset>/annotations/pairs.txt       `person  1  2`, `person  1  other  2`, or an image without pairs
    <subset>/annotations/landmarks.txt   `<image>.jpg  x1  y1 … x5  y5`, only if there are any
    <subset>/annotations/people.txt      `person  number of images`
    <subset>/images/<person>/<id>.jpg    directly in `images/` for images without a person

Columns are separated by tabs. The person of an image is its first label, or else the class of its first points; five
points are landmarks. In an image's id, `_` replaces each `/` of its path. Pairs are the label's attributes
`positive_pairs` and `negative_pairs`: images as `person/id` or `id`, separated by `;` or line breaks. An image named
`<person>_0012` is number 12 in pairs; any other is its id, which must not be a number itself.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from common.geometry.types import Points
from export.codecs.spool import Spool
from export.codecs.zip import Entry
from export.dataset.class_folders import ClassFolders
from export.dataset.dataset import Dataset
from export.dataset.image_ids import ImageIds
from export.dataset.image_tags import FURTHER, Tag, Tags
from export.dataset.known_attributes import KnownAttributes
from export.dataset.labels import Labels
from export.dataset.media import ExportMedium
from export.dataset.shapes import Frame, Shape
from export.dataset.texts import ClassNames, folder_name, two_decimals
from export.dataset.xml_text import value_text
from export.formats.image_entries import image_entries
from export.formats.lfw.reader import NOBODY, PAIRS
from export.formats.vggface2.writer import landmarks_of

KNOWN = KnownAttributes(PAIRS)
NO_PAIRS = "lost_pairs"
_SEPARATORS = re.compile(r"[;\r\n]+")
# Every text that Python parses as an integer, as readers do.
_NUMBER = re.compile(r"\s*[+-]?\d[\d_]*\s*")


def write(dataset: Dataset) -> Iterator[Entry]:
    """The archive's entries."""
    faces = _Faces(dataset)
    for subset, part in dataset.subsets():
        yield from faces.files(subset, part)
    yield from image_entries(
        dataset, lambda medium, frame: f"{medium.subset}/images/{faces.path(medium, frame)}{faces.ids.suffix(medium)}"
    )


class _Files:
    """The files of a subset in progress; `pairs` are those of one person, of two persons, and images without pairs."""

    def __init__(self) -> None:
        self.pairs = Spool(), Spool(), Spool()
        self.landmarks = Spool()
        self.people: Counter[str] = Counter()


class _Faces:
    def __init__(self, dataset: Dataset) -> None:
        self._report = dataset.report
        self._names = ClassNames(dataset.report, folder_name, [NOBODY], folders=True)
        self._folders = ClassFolders(self._names)
        self.ids = ImageIds(dataset.media, dataset.report, flat=True)

    def path(self, medium: ExportMedium, frame: int) -> str:
        """The image's path: its person, if any, and its id."""
        person = self._folders.of(medium, frame)
        return f"{person}/{self.ids.of(medium, frame)}" if person else self.ids.of(medium, frame)

    def files(self, subset: str, part: Dataset) -> Iterator[Entry]:
        """The annotation files of a subset."""
        texts = _Files()
        for labels in part.labels():
            KNOWN.count_others(labels, self._report)
            tags = Tags(part)
            tags.add(labels)
            for frame in labels.frames():
                self._add(labels, frame, tags.on(labels.medium, frame.number), texts)
        folder = f"{subset}/annotations"
        yield Entry(f"{folder}/pairs.txt", chain.from_iterable(spool.chunks() for spool in texts.pairs))
        if texts.landmarks.size_bytes:
            yield Entry(f"{folder}/landmarks.txt", texts.landmarks.chunks())
        people = (self._names.of(person.name) for person in part.classes.all())
        yield Entry.of(f"{folder}/people.txt", "".join(f"{name}\t{texts.people[name]}\n" for name in people).encode())

    def _add(self, labels: Labels, frame: Frame, tags: list[Tag], texts: "_Files") -> None:
        """Add an image to the files of its subset."""
        points = landmarks_of(frame.shapes, labels)
        person = self._assign(labels.medium, frame, tags, points)
        if person:
            texts.people[person] += 1
        name = self.path(labels.medium, frame.number)
        same, other = self._pairs(tags[0], frame.number, name) if tags else ([], [])
        alone = [] if same or other else [f"{name}\n"]
        for spool, rows in zip(texts.pairs, (same, other, alone), strict=True):
            spool.write("".join(rows).encode())
        texts.landmarks.write("".join(f"{name}.jpg\t{_row(shape)}\n" for shape in points).encode())

    def _assign(self, medium: ExportMedium, frame: Frame, tags: list[Tag], points: list[Shape]) -> str | None:
        """The person of an image."""
        classes = [tag.name for tag in tags] + [shape.object.category for shape in points]
        if not classes:
            return None
        self._report.add(FURTHER, len(set(classes)) - 1)
        self._folders.put(medium, frame.number, classes[0])
        return self._folders.of(medium, frame.number)

    def _pairs(self, tag: Tag, frame: int, name: str) -> tuple[list[str], list[str]]:
        """The rows of pairs with the same person, and with other persons."""
        attributes = tag.attributes(frame)
        person, number = _named(name)
        same, other = (
            _split(value_text(attributes[attribute])) if attribute in attributes else [] for attribute in KNOWN.names
        )
        rows: tuple[list[str], list[str]] = ([], [])
        for compared in same:
            _, second = _named(compared if "/" in compared else f"{person}/{compared}")
            is_valid = number is not None and second is not None and compared.partition("/")[0] in (person, compared)
            self._report.add(NO_PAIRS, not is_valid)
            rows[0].extend([f"{person}\t{number}\t{second}\n"] * is_valid)
        for compared in other:
            other_person, second = _named(compared)
            is_valid = number is not None and second is not None
            self._report.add(NO_PAIRS, not is_valid)
            rows[1].extend([f"{person}\t{number}\t{other_person}\t{second}\n"] * is_valid)
        return rows


def _split(text: str) -> Iterable[str]:
    return (part.strip() for part in _SEPARATORS.split(text) if part.strip())


def _named(name: str) -> tuple[str, str | None]:
    """The person of an image, and its number or id in pairs; None if readers would misread it."""
    person, slash, image = name.rpartition("/")
    if slash and (numbered := re.fullmatch(r"(.*)_(\d{4})", image)) and numbered[1] == person:
        return person, str(int(numbered[2]))
    is_unambiguous = not _NUMBER.fullmatch(image) and "\t" not in name and "/" not in person
    return (person or NOBODY), image if is_unambiguous else None


def _row(shape: Shape) -> str:
    points: Sequence[tuple[float, float]] = shape.geometry.points if isinstance(shape.geometry, Points) else []
    return "\t".join(two_decimals(coordinate) for point in points for coordinate in point)
