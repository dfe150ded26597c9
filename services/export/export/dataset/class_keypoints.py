"""The named points of classes, for formats that number them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from common.geometry.types import Keypoint, Skeleton
from export.dataset.dataset import Dataset
from export.dataset.keyframes import Key
from export.dataset.labels import Labels
from export.dataset.objects import LabelObject
from export.dataset.shapes import Shape
from export.dataset.vocabulary import Term


@dataclass(frozen=True, slots=True)
class ClassKeypoints:
    """The names of a class's points, each with its place, and which of them are joined, as pairs of places."""

    places: dict[str, int] = field(default_factory=dict)
    edges: list[tuple[int, int]] = field(default_factory=list)

    def add(self, names: Iterable[str]) -> None:
        """Names that come after those that are there."""
        for name in names:
            self.places.setdefault(name, len(self.places))

    def join(self, pairs: Iterable[tuple[str, str]]) -> None:
        """Lines between points; those from or to a point that is not there are none."""
        for begin, end in pairs:
            if begin in self.places and end in self.places:
                edge = self.places[begin], self.places[end]
                self.edges.extend([edge] if edge not in self.edges else [])

    def placed(self, keypoints: Iterable[Keypoint]) -> list[Keypoint | None]:
        """The points in the order of their places, None where one is not known."""
        found: list[Keypoint | None] = [None] * len(self.places)
        for keypoint in keypoints:
            found[self.places[keypoint.name]] = keypoint
        return found


KeypointsByClass = dict[int, ClassKeypoints]


def class_keypoints(dataset: Dataset) -> KeypointsByClass:
    """The points of every class by its number: those that missions declare, then others that objects have, by name;
    takes a pass over the labels, after which all classes have their numbers."""
    used: dict[int, set[str]] = {}
    for labels in dataset.again().labels():
        numbers = [dataset.classes.of(thing.category, thing.mission).number for thing in _things(labels)]
        for index, names in _used(labels):
            used.setdefault(numbers[index], set()).update(names)
    found = {known.number: ClassKeypoints() for known in dataset.classes.all()}
    for mission in dataset.missions:
        for category in mission.categories:
            if category.joints and dataset.selection.takes_class(Term(category.id, category.name)):
                declared = found[dataset.classes.of(category.name, mission.name).number]
                declared.add(category.joints.names)
                declared.join(category.joints.edges)
    for number, names in used.items():
        found[number].add(sorted(names))
    return found


def keypoints_of(shape: Shape | Key) -> Iterable[Keypoint]:
    """The named points that a shape has or consists of."""
    return shape.geometry.keypoints if isinstance(shape.geometry, Skeleton) else shape.keypoints


def _things(labels: Labels) -> list[LabelObject]:
    return [*labels.objects, *(label.object for label in labels.whole)]


def _used(labels: Labels) -> Iterator[tuple[int, set[str]]]:
    for index, packed in enumerate(labels.keyframes.packed):
        if packed is not None:
            yield index, {keypoint.name for key in labels.keys(index) for keypoint in keypoints_of(key)}
