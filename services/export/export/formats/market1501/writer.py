"""Market-1501 1.0: pictures of people, whose names say who was seen by which camera.

    images_<subset>.txt                                                          the path of every picture
    bounding_box_<subset>/<person>_c<camera>s<sequence>_<frame>_<box>.jpg        or `query/…`
    names.txt                                                                    only if a picture was renamed

What a name says are attributes of a picture's label `market-1501`: `person_id`, `camera_id` (in names one more),
`track_id` (the sequence, else 1), `frame_id` (else running), `bbox_id` (else 0), and `query` for those that are looked
for. A picture without a person keeps its own name, as does one that is called like this already. The path of each other
picture stands in `names.txt` with a tab and its own path, which only our way in reads.
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
from export.formats.market1501.reader import CLASS, NAMES

CLASSES = "lost_labels_except_market1501"
NO_NUMBER = "lost_non_integer_ids"
RENAMED = "person_names_as_numbers"
TAKEN = "frame_numbers_moved"
KNOWN = KnownAttributes(("person_id", "camera_id", "track_id", "frame_id", "bbox_id", "query"))
_NAMED = re.compile(r"(.*/)?-?\d+_c\d+s\d+_\d+_\d+[^/]*")
_NUMBER = re.compile(r"-?\d{1,9}")


class Seen(NamedTuple):
    """Who is seen on a picture; no `frame` if nobody said it."""

    person: str
    camera: int
    sequence: int
    frame: int | None
    box: int
    query: bool

    def name(self, frame: int) -> str:
        """What a picture is called, as that frame of a sequence."""
        return f"{self.person}_c{self.camera + 1}s{self.sequence}_{frame:06d}_{self.box:02d}"


def write(dataset: Dataset) -> Iterator[Entry]:
    """The archive's entries."""
    people = _People(dataset)
    for subset, part in dataset.subsets():
        yield Entry(f"images_{subset}.txt", in_batches(people.lines(part)))
    if people.renamed:
        yield Entry(NAMES, in_batches(people.own_names(dataset)))
    for medium, picture in dataset.images():
        yield Entry(people.path(medium, picture.frame), picture.chunks, picture.size_bytes, packed=True)


class _People:
    def __init__(self, dataset: Dataset) -> None:
        self._report = dataset.report
        self._ids = ImageIds(dataset.media, dataset.report)
        images = (self._ids.of(medium, 0) for medium in dataset.media if medium.kind == "image")
        self._kept = {name.rpartition("/")[2] for name in images if _NAMED.fullmatch(name)}
        self._tags = Tags.read(dataset, KNOWN)
        # By person, camera and sequence, the frame and the box that were last; by medium and frame, the frame.
        self._last: dict[tuple[str, int, int], tuple[int, int]] = {}
        self._frames: dict[str, array[int]] = {}

    def lines(self, part: Dataset) -> Iterator[str]:
        """The paths of all pictures of a subset, whose names are settled with this."""
        for medium in part.media:
            for frame in medium.frames:
                self._settle(medium, frame)
                yield f"{self.path(medium, frame)}\n"

    @property
    def renamed(self) -> bool:
        """Whether there are pictures that do not keep their name."""
        return bool(self._frames)

    def own_names(self, dataset: Dataset) -> Iterator[str]:
        """What pictures that are called otherwise were called."""
        for medium in dataset.media:
            for frame in medium.frames if medium.id in self._frames else ():
                if self._frames[medium.id][frame] >= 0:
                    yield f"{self.path(medium, frame)}\t{medium.frame_path(frame)}\n"

    def path(self, medium: ExportMedium, frame: int) -> str:
        """Where a picture lies."""
        seen = self._seen(medium, frame)
        folder = "query" if seen and seen.query else f"bounding_box_{medium.subset}"
        own = self._ids.file(medium, frame)
        if medium.id not in self._frames or seen is None:
            return f"{folder}/{own}"
        number = self._frames[medium.id][frame]
        return f"{folder}/{own if number < 0 else seen.name(number)}{'' if number < 0 else self._ids.suffix(medium)}"

    def _settle(self, medium: ExportMedium, frame: int) -> None:
        labels = self._tags.on(medium, frame)
        self._report.add(CLASSES, sum(tag.name != CLASS for tag in labels))
        said = next((tag.attributes(frame) for tag in labels if tag.name == CLASS), {})
        numbers = [said[name] for name in KNOWN.names[:-1] if name in said]
        self._report.add(NO_NUMBER, any(_number(value) is None for value in numbers))
        seen = self._seen(medium, frame)
        if seen is None or _NAMED.fullmatch(self._ids.of(medium, frame)):
            return
        self._report.add(RENAMED)
        if medium.id not in self._frames:
            self._frames[medium.id] = array("q", [-1]) * medium.frame_count
        self._frames[medium.id][frame] = self._next(seen)

    def _next(self, seen: Seen) -> int:
        """The number of the frame, if it is free, or else the next one that is."""
        key = seen.person, seen.camera, seen.sequence
        last = self._last.get(key, (-1, -1))
        number = last[0] + 1 if seen.frame is None else seen.frame
        if (number, seen.box) <= last:
            number = last[0] + 1
        while seen.name(number) in self._kept:
            number += 1
        self._report.add(TAKEN, seen.frame is not None and number != seen.frame)
        self._last[key] = number, seen.box
        return number

    def _seen(self, medium: ExportMedium, frame: int) -> Seen | None:
        """Who is seen, if that can be told."""
        said = next((tag.attributes(frame) for tag in self._tags.on(medium, frame) if tag.name == CLASS), {})
        person = value_text(said.get("person_id", ""))
        if not _NUMBER.fullmatch(person):
            return None
        number = _of(said, "frame_id", -1)
        return Seen(
            person,
            _of(said, "camera_id", 0),
            _of(said, "track_id", 1),
            number if number >= 0 else None,
            _of(said, "bbox_id", 0),
            truth(said.get("query", False)) or False,
        )


def _of(said: Mapping[str, Any], name: str, default: int) -> int:
    found = _number(said.get(name, default))
    return default if found is None or found < 0 else found


def _number(value: Any) -> int | None:
    text = value_text(value) if isinstance(value, str | bool | float) else str(value)
    return int(text) if _NUMBER.fullmatch(text) else None
