"""Market-1501 1.0: images of persons, named by person and camera.

    images_<subset>.txt                                                          the path of every image
    bounding_box_<subset>/<person>_c<camera>s<sequence>_<frame>_<box>.jpg        or `query/…`
    names.txt                                                                    only if an image was renamed

The name contains attributes of the image's label `market-1501`: `person_id`, `camera_id` (plus one), `track_id` (the
sequence, default 1), `frame_id` (default: consecutive) and `bbox_id` (default 0); `query` marks query images. An image
without a person, or with a matching name, keeps its name. `names.txt` gives the original path of each renamed image
after a tab; only Tracklane reads it.
"""

import re
from array import array
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from export.codecs.zip import Entry
from export.dataset.dataset import Dataset
from export.dataset.image_ids import ImageIds
from export.dataset.image_tags import Tags
from export.dataset.known_attributes import KnownAttributes, truth
from export.dataset.media import ExportMedium
from export.dataset.texts import in_batches
from export.dataset.xml_text import value_text
from export.formats.image_entries import image_entries
from export.formats.market1501.reader import CLASS, NAMES

CLASSES = "lost_labels_except_market1501"
NO_NUMBER = "lost_non_integer_ids"
RENAMED = "person_names_as_numbers"
TAKEN = "frame_numbers_moved"
KNOWN = KnownAttributes(("person_id", "camera_id", "track_id", "frame_id", "bbox_id", "query"))
_NAMED = re.compile(r"(.*/)?-?\d+_c\d+s\d+_\d+_\d+[^/]*")
_NUMBER = re.compile(r"-?\d{1,9}")


class PersonImage(NamedTuple):
    """The person on an image; `frame` is None if unknown."""

    person: str
    camera: int
    sequence: int
    frame: int | None
    box: int
    query: bool

    def name(self, frame: int) -> str:
        """The name of the image as this frame of its sequence."""
        return f"{self.person}_c{self.camera + 1}s{self.sequence}_{frame:06d}_{self.box:02d}"


def write(dataset: Dataset) -> Iterator[Entry]:
    """The archive's entries."""
    people = _People(dataset)
    for subset, part in dataset.subsets():
        yield Entry(f"images_{subset}.txt", in_batches(people.lines(part)))
    if people.renamed:
        yield Entry(NAMES, in_batches(people.own_names(dataset)))
    yield from image_entries(dataset, people.path)


class _People:
    def __init__(self, dataset: Dataset) -> None:
        self._report = dataset.report
        self._ids = ImageIds(dataset.media, dataset.report)
        images = (self._ids.of(medium, 0) for medium in dataset.media if medium.kind == "image")
        self._reserved = {name.rpartition("/")[2] for name in images if _NAMED.fullmatch(name)}
        self._tags = Tags.read(dataset, KNOWN)
        # The last frame and box by person, camera and sequence; the frame by medium and frame.
        self._last: dict[tuple[str, int, int], tuple[int, int]] = {}
        self._frames: dict[str, array[int]] = {}

    def lines(self, part: Dataset) -> Iterator[str]:
        """The paths of all images of a subset; this determines their names."""
        for medium in part.media:
            for frame in medium.frames:
                self._assign(medium, frame)
                yield f"{self.path(medium, frame)}\n"

    @property
    def renamed(self) -> bool:
        """Whether any image is renamed."""
        return bool(self._frames)

    def own_names(self, dataset: Dataset) -> Iterator[str]:
        """The original names of renamed images."""
        for medium in dataset.media:
            for frame in medium.frames if medium.id in self._frames else ():
                if self._frames[medium.id][frame] >= 0:
                    yield f"{self.path(medium, frame)}\t{medium.frame_path(frame)}\n"

    def path(self, medium: ExportMedium, frame: int) -> str:
        """The path of an image."""
        person = self._person(medium, frame)
        folder = "query" if person and person.query else f"bounding_box_{medium.subset}"
        file = self._ids.file(medium, frame)
        if medium.id not in self._frames or person is None:
            return f"{folder}/{file}"
        number = self._frames[medium.id][frame]
        return f"{folder}/{file if number < 0 else person.name(number)}{'' if number < 0 else self._ids.suffix(medium)}"

    def _assign(self, medium: ExportMedium, frame: int) -> None:
        labels = self._tags.on(medium, frame)
        self._report.add(CLASSES, sum(tag.name != CLASS for tag in labels))
        attributes = next((tag.attributes(frame) for tag in labels if tag.name == CLASS), {})
        numbers = [attributes[name] for name in KNOWN.names[:-1] if name in attributes]
        self._report.add(NO_NUMBER, any(_number(value) is None for value in numbers))
        person = self._person(medium, frame)
        if person is None or _NAMED.fullmatch(self._ids.of(medium, frame)):
            return
        self._report.add(RENAMED)
        if medium.id not in self._frames:
            self._frames[medium.id] = array("q", [-1]) * medium.frame_count
        self._frames[medium.id][frame] = self._next(person)

    def _next(self, person: PersonImage) -> int:
        """The frame number, or the next free one if it is taken."""
        key = person.person, person.camera, person.sequence
        last = self._last.get(key, (-1, -1))
        number = last[0] + 1 if person.frame is None else person.frame
        if (number, person.box) <= last:
            number = last[0] + 1
        while person.name(number) in self._reserved:
            number += 1
        self._report.add(TAKEN, person.frame is not None and number != person.frame)
        self._last[key] = number, person.box
        return number

    def _person(self, medium: ExportMedium, frame: int) -> PersonImage | None:
        """The person on an image, if known."""
        attributes = next((tag.attributes(frame) for tag in self._tags.on(medium, frame) if tag.name == CLASS), {})
        person = value_text(attributes.get("person_id", ""))
        if not _NUMBER.fullmatch(person):
            return None
        number = _natural(attributes, "frame_id", -1)
        return PersonImage(
            person,
            _natural(attributes, "camera_id", 0),
            _natural(attributes, "track_id", 1),
            number if number >= 0 else None,
            _natural(attributes, "bbox_id", 0),
            truth(attributes.get("query", False)) or False,
        )


def _natural(attributes: Mapping[str, Any], name: str, default: int) -> int:
    number = _number(attributes.get(name, default))
    return default if number is None or number < 0 else number


def _number(value: Any) -> int | None:
    text = value_text(value) if isinstance(value, str | bool | float) else str(value)
    return int(text) if _NUMBER.fullmatch(text) else None
