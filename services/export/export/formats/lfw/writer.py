"""LFW 1.0: pictures of people's faces, and which of them show the same one.

    <subset>/annotations/pairs.txt       `person  1  2`, `person  1  other  2`, or a picture that is in no pair
    <subset>/annotations/landmarks.txt   `<picture>.jpg  x1  y1 … x5  y5`, only if there are any
    <subset>/annotations/people.txt      `person  how many pictures`
    <subset>/images/<person>/<id>.jpg    right in `images/` for pictures without a person

Columns are apart by tabs. A picture's person is its first label, or else the class of its first points; landmarks are
points, five of them. In a picture's id, `_` stands for each `/` of its path. Pairs come from the label's attributes
`positive_pairs` and `negative_pairs`: pictures like `person/id` or `id`, apart by `;` or line breaks. A picture that is
called `<person>_0012` is number 12 in a pair, any other is its id, which then must not be a number itself.
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
from export.formats.lfw.reader import NOBODY, PAIRS
from export.formats.vggface2.writer import landmarks_of

KNOWN = KnownAttributes(PAIRS)
NO_PAIRS = "lost_pairs"
_APART = re.compile(r"[;\r\n]+")
# Whatever Python takes for a whole number, as readers do.
_NUMBER = re.compile(r"\s*[+-]?\d[\d_]*\s*")


def write(dataset: Dataset) -> Iterator[Entry]:
    """The archive's entries."""
    faces = _Faces(dataset)
    for subset, part in dataset.subsets():
        yield from faces.files(subset, part)
    for medium, picture in dataset.images():
        name = f"{medium.subset}/images/{faces.path(medium, picture.frame)}{faces.ids.suffix(medium)}"
        yield Entry(name, picture.chunks, picture.size_bytes, packed=True)


class _Texts:
    """The texts of a subset while they grow: `pairs` of one person, of two, and pictures in none."""

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
        """A picture by its person, if it has one, and its id."""
        person = self._folders.of(medium, frame)
        return f"{person}/{self.ids.of(medium, frame)}" if person else self.ids.of(medium, frame)

    def files(self, subset: str, part: Dataset) -> Iterator[Entry]:
        """The texts of a subset."""
        texts = _Texts()
        for labels in part.labels():
            KNOWN.count_others(labels, self._report)
            tags = Tags(part)
            tags.add(labels)
            for frame in labels.frames():
                self._tell(labels, frame, tags.on(labels.medium, frame.number), texts)
        place = f"{subset}/annotations"
        yield Entry(f"{place}/pairs.txt", chain.from_iterable(spool.chunks() for spool in texts.pairs))
        if texts.landmarks.size_bytes:
            yield Entry(f"{place}/landmarks.txt", texts.landmarks.chunks())
        people = (self._names.of(known.name) for known in part.classes.all())
        yield Entry.of(f"{place}/people.txt", "".join(f"{name}\t{texts.people[name]}\n" for name in people).encode())

    def _tell(self, labels: Labels, frame: Frame, told: list[Tag], texts: "_Texts") -> None:
        """Write what is known of a picture."""
        points = landmarks_of(frame.shapes, labels)
        person = self._settle(labels.medium, frame, told, points)
        if person:
            texts.people[person] += 1
        name = self.path(labels.medium, frame.number)
        same, other = self._pairs(told[0], frame.number, name) if told else ([], [])
        alone = [] if same or other else [f"{name}\n"]
        for spool, rows in zip(texts.pairs, (same, other, alone), strict=True):
            spool.write("".join(rows).encode())
        texts.landmarks.write("".join(f"{name}.jpg\t{_row(shape)}\n" for shape in points).encode())

    def _settle(self, medium: ExportMedium, frame: Frame, told: list[Tag], points: list[Shape]) -> str | None:
        """Whose picture it is."""
        classes = [tag.name for tag in told] + [shape.object.category for shape in points]
        if not classes:
            return None
        self._report.add(FURTHER, len(set(classes)) - 1)
        self._folders.put(medium, frame.number, classes[0])
        return self._folders.of(medium, frame.number)

    def _pairs(self, tag: Tag, frame: int, name: str) -> tuple[list[str], list[str]]:
        """Rows of pictures of the same person, and of others."""
        said = tag.attributes(frame)
        person, number = _named(name)
        same, other = (_split(value_text(said[known])) if known in said else [] for known in KNOWN.names)
        rows: tuple[list[str], list[str]] = ([], [])
        for told in same:
            _, second = _named(told if "/" in told else f"{person}/{told}")
            fits = number is not None and second is not None and told.partition("/")[0] in (person, told)
            self._report.add(NO_PAIRS, not fits)
            rows[0].extend([f"{person}\t{number}\t{second}\n"] * fits)
        for told in other:
            who, second = _named(told)
            fits = number is not None and second is not None
            self._report.add(NO_PAIRS, not fits)
            rows[1].extend([f"{person}\t{number}\t{who}\t{second}\n"] * fits)
        return rows


def _split(text: str) -> Iterable[str]:
    return (one.strip() for one in _APART.split(text) if one.strip())


def _named(name: str) -> tuple[str, str | None]:
    """The person of a picture, and what it is called in a pair; None where readers would take it for another."""
    person, slash, picture = name.rpartition("/")
    if slash and (numbered := re.fullmatch(r"(.*)_(\d{4})", picture)) and numbered[1] == person:
        return person, str(int(numbered[2]))
    sound = not _NUMBER.fullmatch(picture) and "\t" not in name and "/" not in person
    return (person or NOBODY), picture if sound else None


def _row(shape: Shape) -> str:
    points: Sequence[tuple[float, float]] = shape.geometry.points if isinstance(shape.geometry, Points) else []
    return "\t".join(two_decimals(side) for point in points for side in point)
